import type { Sensitivity } from '../../zk/vocabulary.js';

/**
 * Sensitive words next to a code. RxNorm's many products cannot all be listed by number, but their
 * names begin with the ingredient. Words are never released; they only withhold.
 *
 * @source international nonproprietary names of ATC N05A, N06A, N06BA, N07BB, N07BC and J05A
 *   (https://atcddd.fhi.no); the titles of the instruments in LOINC.
 */
const WORDS: Readonly<Record<Sensitivity, string>> = {
  PSY:
    'sertraline fluoxetine paroxetine citalopram escitalopram fluvoxamine venlafaxine ' +
    'desvenlafaxine duloxetine mirtazapine bupropion trazodone nefazodone vilazodone ' +
    'vortioxetine amitriptyline nortriptyline imipramine clomipramine doxepin phenelzine ' +
    'tranylcypromine lithium haloperidol chlorpromazine fluphenazine perphenazine risperidone ' +
    'paliperidone olanzapine quetiapine aripiprazole brexpiprazole cariprazine ziprasidone ' +
    'lurasidone clozapine asenapine methylphenidate dexmethylphenidate atomoxetine ' +
    'lisdexamfetamine buspirone schizophrenia psychotherapy suicidal suicide ' +
    'PHQ PHQ-2 PHQ-4 PHQ-8 PHQ-9 PHQ-A GAD-2 GAD-7 C-SSRS CES-D PCL-5 PC-PTSD-5 EPDS Edinburgh_Postnatal ' +
    'depressive_disorder depressive_symptoms major_depression anxiety_disorder bipolar psychosis psychotic',
  SUD:
    'buprenorphine methadone naltrexone disulfiram acamprosate lofexidine alcoholism ' +
    'AUDIT-C DAST-10 DAST-20 CRAFFT CAGE-AID detoxification heroin cannabis marijuana cocaine ' +
    'methamphetamine drug_abuse substance_abuse alcohol_abuse drug_dependence alcohol_dependence ' +
    'illegal_drug illegal_drugs drug_use substance_use alcohol_use opioid_use alcoholic_drinks',
  HIV:
    'HIV HIV-1 HIV-2 zidovudine lamivudine abacavir tenofovir emtricitabine efavirenz ' +
    'rilpivirine ' +
    'doravirine etravirine nevirapine raltegravir dolutegravir bictegravir elvitegravir ' +
    'cabotegravir ritonavir atazanavir darunavir lopinavir fosamprenavir maraviroc ' +
    'enfuvirtide lenacapavir antiretroviral',
  SDV:
    'HARK domestic_violence domestic_abuse sexual_abuse sexual_assault child_abuse ' +
    'intimate_partner IPV-4',
  GDIS:
    'BRCA1 BRCA2 CFTR karyotype gene_mutation gene_mutations gene_targeted mutation_analysis ' +
    'multigene_analysis genetic_variant',
};

/** Keyed by one or two words, in lower case. */
const LABEL_OF_WORDS: ReadonlyMap<string, Sensitivity> = new Map(
  (Object.entries(WORDS) as [Sensitivity, string][]).flatMap(([label, words]) =>
    words.split(' ').map((word) => [word.toLowerCase().replaceAll('_', ' '), label] as const),
  ),
);

/** The labels of all whole words, and pairs of adjacent words, in a text. */
export function labelsOfWords(text: string): readonly Sensitivity[] {
  const found: Sensitivity[] = [];
  let before = '';
  for (const word of text.toLowerCase().split(/[^\p{L}\p{N}-]+/u)) {
    const label = LABEL_OF_WORDS.get(word) ?? LABEL_OF_WORDS.get(`${before} ${word}`);
    if (label !== undefined) found.push(label);
    before = word;
  }
  return found;
}
