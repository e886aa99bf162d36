DROP INDEX "resource_patient_id_idx";--> statement-breakpoint
ALTER TABLE "clinical_record" ALTER COLUMN "content" SET DATA TYPE json;--> statement-breakpoint
ALTER TABLE "resource" ALTER COLUMN "json" SET DATA TYPE json;