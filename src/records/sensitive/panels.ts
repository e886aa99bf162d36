import type { Sensitivity } from '../../zk/vocabulary.js';

/** An instrument or laboratory panel of LOINC: any of its questions reveals its purpose. */
export interface Panel {
  readonly label: Sensitivity;
  readonly name: string;
  /** LOINC codes of the panel itself, of its versions and its reports. */
  readonly codes: readonly string[];
  /** LOINC codes of its questions, scores and results, alone or below another panel. */
  readonly members: readonly string[];
}

const codes = (text: string): readonly string[] => text.split(' ');

/** @source the questionnaire that LOINC publishes as 44249-1, in github.com/LHNCBC/lforms */
const PHQ_9 = codes(
  '44250-9 44255-8 44259-0 44254-1 44251-7 44258-2 44252-5 44253-3 44260-8 44261-6 69722-7',
);
/** @source questionnaires 93245-9 and 93373-9, in github.com/SPiER-Project/adoption-guide */
const C_SSRS = codes(
  '93246-7 93247-5 93248-3 93249-1 93250-9 93253-3 93255-8 93259-0 93261-6 93263-2 93265-7 ' +
    '93267-3 93269-9 93271-5 93278-0 93295-4 93296-2 93297-0 93298-8 93299-6 93304-4 93374-7',
);
/** @source form 54580-6, sections D, E and I, in github.com/LHNCBC/lforms */
const MDS_MOOD = codes(
  '54634-1 54636-6 54637-4 54638-2 54639-0 54640-8 54641-6 54642-4 54643-2 54644-0 54645-7 ' +
    '54646-5 54647-3 54648-1 54649-9 54650-7 54651-5 54652-3 54653-1 54654-9 54658-0 54659-8 ' +
    '54660-6 54661-4 54662-2 54663-0 54664-8 54665-5 54666-3 54667-1 54668-9 54669-7 54670-5 ' +
    '54671-3 54672-1 54673-9 54675-4 54676-2 54677-0 54678-8 54680-4 54682-0 54683-8 54684-6 ' +
    '54685-3 54541-8 54817-2 54818-0 54819-8 58115-7 54820-6 54984-0 54985-7 54986-5 58152-0 ' +
    '58153-8',
);
/** @source form 81247-9, in github.com/LHNCBC/lforms; HL7 Genomics Reporting has the same codes */
const GENETICS = codes(
  '36908-2 41103-3 47998-0 48001-2 48002-0 48005-3 48006-1 48008-7 48013-7 48018-6 48019-4 ' +
    '51958-7 51959-5 51961-1 51963-7 51967-8 51968-6 51969-4 53034-5 53037-8 53040-2 53577-3 ' +
    '69547-8 69548-6 69551-0 81248-7 81249-5 81252-9 81254-5 81255-2 81257-8 81258-6 81259-4 ' +
    '81260-2 81262-8 81263-6 81290-9 81291-7 81293-3 81299-0 81300-6 81301-4 81302-2 81304-8 ' +
    '82116-5 82120-7 82121-5 82155-3 82309-6 83005-9 83006-7 83009-1 84414-2',
);

/**
 * A question that two panels share has the labels of both. Questions about tobacco are left out: 42
 * CFR 2.11.
 *
 * @source as named above and at each; where none is named, the names that LOINC 2.78 gives its
 *   codes, in the terminology caches of github.com/HL7/UTG and github.com/HL7/fhir-sdoh-clinicalcare
 */
export const PANELS: readonly Panel[] = [
  { label: 'PSY', name: 'PHQ-9', codes: codes('44249-1 89206-7 89204-2'), members: PHQ_9 },
  { label: 'PSY', name: 'PHQ-2', codes: ['55757-9'], members: codes('44250-9 44255-8 55758-7') },
  {
    label: 'PSY',
    name: 'PHQ-9 for teens and by others',
    codes: codes('103706-8 54633-3 54511-1 54513-7 54514-5'),
    members: [...codes('104135-9 104136-7 104138-3 104141-7'), ...MDS_MOOD],
  },
  {
    // Its questions: github.com/HL7/personal-health-record-format-ig
    label: 'PSY',
    name: 'GAD-7',
    codes: ['69737-5'],
    members: codes('69725-0 68509-9 69733-4 69734-2 69735-9 69689-8 69736-7 70274-6 69722-7'),
  },
  { label: 'PSY', name: 'C-SSRS', codes: codes('93245-9 93373-9 101507-2'), members: C_SSRS },
  {
    label: 'PSY',
    name: 'CES-D',
    codes: codes('100766-5 89205-9'),
    members: codes(
      '100767-3 100768-1 100769-9 100770-7 100771-5 100772-3 100773-1 100774-9 100775-6 100776-4 ' +
        '100777-2 100778-0 100779-8 100780-6 100781-4 100782-2 100783-0 100784-8 100785-5 ' +
        '100786-3 100787-1',
    ),
  },
  {
    label: 'PSY',
    name: 'PCL-5',
    codes: ['101697-1'],
    members: codes(
      '101698-9 101699-7 101700-3 101701-1 101702-9 101703-7 101704-5 101705-2 101706-0 101707-8 ' +
        '101708-6 101709-4 101710-2 101711-0 101712-8 101713-6 101714-4 101715-1 101716-9 ' +
        '101717-7 101718-5',
    ),
  },
  {
    label: 'PSY',
    name: 'PC-PTSD-5',
    codes: ['102010-6'],
    members: codes('102011-4 102012-2 102013-0 102014-8 102015-5 102016-3 102017-1'),
  },
  {
    label: 'PSY',
    name: 'PROMIS anxiety and depression',
    codes: codes('106881-6 107104-2'),
    members: codes('107335-2 107105-9 107106-7 71967-4 71965-8 106407-0 94023-9'),
  },
  {
    // Beck's and the Edinburgh scale: the value set of depression screening of HEDIS.
    label: 'PSY',
    name: 'depression screening',
    codes: codes('73831-0 73832-8 89208-3 89209-1 99046-5'),
    members: codes('71354-5 112500-4 112501-2'),
  },
  {
    // 45 CFR 170.207(p)(6) names its questions.
    label: 'SUD',
    name: 'AUDIT-C',
    codes: codes('72109-2 72110-0'),
    members: codes('68518-0 68519-8 68520-6 75626-2 75624-7'),
  },
  { label: 'SUD', name: 'DAST-10', codes: ['82666-9'], members: ['82667-7'] },
  {
    // The supplement of the AHC health-related social needs tool, and single questions.
    label: 'SUD',
    name: 'alcohol and drug use',
    codes: [],
    members: codes('68517-2 95530-2 68524-8 96843-8 74013-4 11287-0 112457-7'),
  },
  {
    label: 'HIV',
    name: 'HIV 1 and 2 tests',
    codes: codes('75622-1 80203-3 86657-4 85037-0 83101-6 89365-1'),
    members: codes('55277-8 7917-8 7918-6 29893-5 56888-1 68961-2 20447-9'),
  },
  {
    label: 'SDV',
    name: 'HARK',
    codes: ['76499-3'],
    members: codes('76500-8 76501-6 76502-4 76503-2 76504-0'),
  },
  {
    label: 'SDV',
    name: 'Intimate Partner Violence 4',
    codes: ['106925-1'],
    members: codes('106923-6 106924-4 106926-9 106927-7'),
  },
  {
    // HITS, as the AHC health-related social needs tool asks it.
    label: 'SDV',
    name: 'HITS and other questions on violence',
    codes: [],
    members: codes('95618-5 95617-7 95616-9 95615-1 95614-4 93026-3 112451-0 112452-8 112455-1'),
  },
  {
    label: 'GDIS',
    name: 'HL7 genetic variant reporting',
    codes: codes('81247-9 81250-3 81251-1 81297-4 81306-3 82117-3 82118-1 55233-1'),
    members: GENETICS,
  },
];

/** @source LOINC's answers to what a relative died of, form 54127-6, in github.com/LHNCBC/lforms */
export const SENSITIVE_ANSWERS: Panel = {
  label: 'PSY',
  name: 'psychological disorders',
  codes: [],
  members: codes('LA10535-5 LA10574-4 LA10575-1 LA10576-9 LA10584-3 LA10587-6'),
};
