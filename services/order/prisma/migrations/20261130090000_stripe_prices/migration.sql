-- The Prices at Stripe that pay for a plan, as JSON.
ALTER TABLE `plans` ADD COLUMN `stripe_prices` TEXT NULL;
