import type { Sensitivity } from '../zk/vocabulary.js';

/** Words of which one alone says what a coding is about. */
export interface WordRule {
  readonly label: Sensitivity;
  readonly words: RegExp;
}

/**
 * What the words beside a code say, because nobody here knows RxNorm's millions of products by
 * number: their names begin with the ingredient. No word leaves; it only withholds.
 *
 * @source international nonproprietary names of ATC N05A, N06A, N06BA, N07BB, N07BC and J05A
 *   (https://atcddd.fhi.no); the titles of the instruments in LOINC.
 */
export const SENSITIVE_WORDS: readonly WordRule[] = [
  {
    label: 'PSY',
    words: wordsOf(
      'sertraline fluoxetine paroxetine citalopram escitalopram fluvoxamine venlafaxine ' +
        'desvenlafaxine duloxetine mirtazapine bupropion trazodone nefazodone vilazodone ' +
        'vortioxetine amitriptyline nortriptyline imipramine clomipramine doxepin phenelzine ' +
        'tranylcypromine lithium haloperidol chlorpromazine fluphenazine perphenazine risperidone ' +
        'paliperidone olanzapine quetiapine aripiprazole brexpiprazole cariprazine ziprasidone ' +
        'lurasidone clozapine asenapine methylphenidate dexmethylphenidate atomoxetine ' +
        'lisdexamfetamine buspirone schizophrenia psychotherapy suicidal suicide PHQ-2 PHQ-9 GAD-7',
    ),
  },
  {
    label: 'SUD',
    words: wordsOf(
      'buprenorphine methadone naltrexone disulfiram acamprosate lofexidine alcoholism ' +
        'AUDIT-C DAST-10 CRAFFT detoxification',
    ),
  },
  {
    label: 'HIV',
    words: wordsOf(
      'HIV HIV-1 HIV-2 zidovudine lamivudine abacavir tenofovir emtricitabine efavirenz rilpivirine ' +
        'doravirine etravirine nevirapine raltegravir dolutegravir bictegravir elvitegravir ' +
        'cabotegravir ritonavir atazanavir darunavir lopinavir fosamprenavir maraviroc ' +
        'enfuvirtide lenacapavir antiretroviral',
    ),
  },
  {
    label: 'SDV',
    words: wordsOf(
      'HARK domestic_violence domestic_abuse sexual_abuse sexual_assault child_abuse intimate_partner',
    ),
  },
  { label: 'GDIS', words: wordsOf('BRCA1 BRCA2 CFTR karyotype') },
];

/** Whole words, in either case, _ for a space; a hyphen or a digit beside them is another word. */
function wordsOf(list: string): RegExp {
  return new RegExp(
    `(?<![\\w-])(${list.replaceAll(' ', '|').replaceAll('_', ' ')})(?![\\w-])`,
    'i',
  );
}
