import type { Sensitivity } from '../zk/vocabulary.js';

/**
 * What the words beside a code say, because nobody here knows RxNorm's millions of products by
 * number: their names begin with the ingredient. No word leaves; it only withholds.
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
    'lisdexamfetamine buspirone schizophrenia psychotherapy suicidal suicide PHQ-2 PHQ-9 GAD-7',
  SUD:
    'buprenorphine methadone naltrexone disulfiram acamprosate lofexidine alcoholism ' +
    'AUDIT-C DAST-10 CRAFFT detoxification',
  HIV:
    'HIV HIV-1 HIV-2 zidovudine lamivudine abacavir tenofovir emtricitabine efavirenz ' +
    'rilpivirine ' +
    'doravirine etravirine nevirapine raltegravir dolutegravir bictegravir elvitegravir ' +
    'cabotegravir ritonavir atazanavir darunavir lopinavir fosamprenavir maraviroc ' +
    'enfuvirtide lenacapavir antiretroviral',
  SDV:
    'HARK domestic_violence domestic_abuse sexual_abuse sexual_assault child_abuse ' +
    'intimate_partner',
  GDIS: 'BRCA1 BRCA2 CFTR karyotype',
};

/** By one word or two, in lower case. */
const LABEL_OF_WORDS: ReadonlyMap<string, Sensitivity> = new Map(
  (Object.entries(WORDS) as [Sensitivity, string][]).flatMap(([label, words]) =>
    words.split(' ').map((word) => [word.toLowerCase().replaceAll('_', ' '), label] as const),
  ),
);

/** What any whole word of a text, or two that follow each other, is about. */
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
