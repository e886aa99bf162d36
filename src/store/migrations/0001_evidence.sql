CREATE TABLE "evidence_entry" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"log" text NOT NULL,
	"kind" text NOT NULL,
	"leaf" text NOT NULL,
	"salt" text,
	"position" bigint
);
--> statement-breakpoint
CREATE TABLE "evidence_head" (
	"log" text NOT NULL,
	"head" text NOT NULL,
	"size" bigint NOT NULL,
	"root" text NOT NULL,
	"salt" text NOT NULL,
	CONSTRAINT "evidence_head_log_head_pk" PRIMARY KEY("log","head")
);
--> statement-breakpoint
CREATE TABLE "evidence_seen" (
	"institution" text NOT NULL,
	"log" text NOT NULL,
	"digest" text NOT NULL,
	"size" bigint NOT NULL,
	"root" text NOT NULL,
	"seen_at" bigint NOT NULL,
	"broken_by" text,
	CONSTRAINT "evidence_seen_institution_log_pk" PRIMARY KEY("institution","log")
);
--> statement-breakpoint
CREATE TABLE "evidence_tile" (
	"log" text NOT NULL,
	"level" integer NOT NULL,
	"number" bigint NOT NULL,
	"hashes" text NOT NULL,
	CONSTRAINT "evidence_tile_log_level_number_pk" PRIMARY KEY("log","level","number")
);
--> statement-breakpoint
DROP INDEX "disclosure_position_idx";--> statement-breakpoint
ALTER TABLE "disclosure" ADD COLUMN "leaf" text;--> statement-breakpoint
ALTER TABLE "event" ADD COLUMN "leaf" text;--> statement-breakpoint
ALTER TABLE "trial" ADD COLUMN "leaf" text;--> statement-breakpoint
CREATE UNIQUE INDEX "evidence_entry_leaf_idx" ON "evidence_entry" USING btree ("leaf");--> statement-breakpoint
CREATE INDEX "evidence_entry_unsealed_idx" ON "evidence_entry" USING btree ("log","id") WHERE position IS NULL;--> statement-breakpoint
CREATE INDEX "evidence_head_log_size_idx" ON "evidence_head" USING btree ("log","size");--> statement-breakpoint
ALTER TABLE "disclosure" DROP COLUMN "salt";--> statement-breakpoint
ALTER TABLE "disclosure" DROP COLUMN "commitment";--> statement-breakpoint
ALTER TABLE "disclosure" DROP COLUMN "position";--> statement-breakpoint
ALTER TABLE "disclosure" DROP COLUMN "head";