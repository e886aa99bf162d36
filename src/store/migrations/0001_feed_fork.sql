CREATE TABLE "feed_fork" (
	"institution" text NOT NULL,
	"account" text NOT NULL,
	"earlier" jsonb NOT NULL,
	"later" jsonb NOT NULL,
	"instead" text NOT NULL,
	"entries" jsonb NOT NULL,
	"seen_at" bigint NOT NULL,
	"published_at" bigint,
	CONSTRAINT "feed_fork_institution_account_pk" PRIMARY KEY("institution","account")
);
--> statement-breakpoint
CREATE INDEX "feed_digest_digest_idx" ON "feed_digest" USING btree ("digest");