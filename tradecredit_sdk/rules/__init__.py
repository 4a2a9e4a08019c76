"""What the policy demands: pure functions of (facts, policy, today)."""
