-- A copy of the database must not speak to the insurer in the company's name.
UPDATE tradecredit_policy
   SET api_key = NULL,
       base_url = NULL,
       active = false;
UPDATE ir_cron
   SET active = false
 WHERE id IN (
       SELECT res_id
         FROM ir_model_data
        WHERE model = 'ir.cron'
          AND module = 'tradecredit'
);
