/*
 * Grammars of codes that are made of parts. A pattern that checked only length and letters would
 * let a name pass for a code.
 */

/** Letters and digits without I and O, which ICD-10-PCS and ICD-11 leave out. */
const VALUE = '[0-9A-HJ-NP-Z]';

/**
 * Section by section as in the tables: body system, operation and, for surgery, the approach.
 *
 * @source CMS, ICD-10-PCS Official Guidelines and tables, 2025
 */
export const ICD_10_PCS = anyOf([
  `0[0-9B-DF-HJ-NP-Y][0-9B-DF-HJ-NP-X]${VALUE}[03478FX]${VALUE}{2}`,
  `10[029ADEHJPQSTY]${VALUE}[03478X]${VALUE}{2}`,
  `2[WY][0-6]${VALUE}X${VALUE}Z`,
  `3[0CE][0-2]${VALUE}[03478X]${VALUE}{2}`,
  `4[AB][01]${VALUE}[03478X]${VALUE}{2}`,
  `5A[0125]${VALUE}\\d${VALUE}{2}`,
  `6A[0-9AB]${VALUE}[01]${VALUE}{2}`,
  '7W0\\dX\\dZ',
  `8[CE]0${VALUE}[03478X]${VALUE}{2}`,
  '9WB\\dX[A-HJ-NP-Z]Z',
  // Imaging, nuclear medicine, radiation, rehabilitation, mental health, substance use.
  `B[0-9BDF-HJL-NP-RT-WY][0-5]${VALUE}{4}`,
  `C[0-9BDF-HJL-NP-RT-WY][1-7]${VALUE}{2}ZZ`,
  `D[0-9BDF-HJL-NP-RT-WY][0-2Y]${VALUE}{3}[0-9Z]`,
  `F[01][0-9B-DF]${VALUE}{3}Z`,
  'GZ[1-35-7B-DF-HJ][0-9Z]ZZZ',
  'HZ[2-689][0-9A-HJZ]ZZZ',
  // New technology: the last character is for the year in which the code was added.
  `X[0-9A-HJ-NP-Z][0-9A-HJ-NP-Z]${VALUE}[03478X]${VALUE}[1-9AB]`,
]);

/** The third character of a stem is a digit, so that no code reads as a word. */
const ICD_11_PART = `(?:[1-9A-HJ-NP-Z][A-HJ-NP-Z]\\d${VALUE}{0,3}(?:\\.${VALUE}{1,2})?)`;

/**
 * A stem code, and the codes combined with it: at most eight in all.
 *
 * @source WHO, ICD-11 Reference Guide, 2.6 (structure of codes) and 2.10 (clusters)
 */
export const ICD_11 = anyOf([`${ICD_11_PART}(?:[/&]${ICD_11_PART}){0,7}`]);

const AMINO_ACID =
  '(?:Ala|Arg|Asn|Asp|Cys|Gln|Glu|Gly|His|Ile|Leu|Lys|Met|Phe|Pro|Ser|Thr|Trp|Tyr|Val|Sec|Ter|\\*)';
const RESIDUE = `${AMINO_ACID}\\d{1,5}`;
const TERMINATION = '(?:(?:Ter|\\*)(?:\\d{1,5}|\\?))?';
const PROTEIN =
  `${RESIDUE}(?:_${RESIDUE})?(?:=|\\?|del|dup|(?:del)?ins${AMINO_ACID}{1,20}|` +
  `${AMINO_ACID}|${AMINO_ACID}?fs${TERMINATION}|${AMINO_ACID}?ext(?:-?\\d{1,5}|${TERMINATION}))`;
const POSITION = '[*-]?\\d{1,9}(?:[+-]\\d{1,6})?';
const BASES = '(?:[ACGT]{1,40}|[acgu]{1,40})';
const CHANGE = `(?:=|[ACGT]>[ACGT]|[acgu]>[acgu]|(?:del|dup|inv)${BASES}?|(?:del)?ins${BASES})`;

/**
 * A variant relative to its reference sequence.
 *
 * @source HGVS Nomenclature, https://hgvs-nomenclature.org: recommendations for DNA, RNA and protein
 */
export const HGVS = anyOf([
  `N[CGMRTW]_\\d{6,9}\\.\\d{1,2}:[cgmnr]\\.${POSITION}(?:_${POSITION})?${CHANGE}`,
  `X[MR]_\\d{6,9}\\.\\d{1,2}:[cnr]\\.${POSITION}(?:_${POSITION})?${CHANGE}`,
  `[NX]P_\\d{6,9}\\.\\d{1,2}:p\\.(?:0|=|\\?|\\(=\\)|${PROTEIN}|\\(${PROTEIN}\\))`,
]);

/**
 * Codes made of letters, most of them modalities. @source DICOM PS3.16, annex D and CID 29, 30, 33
 */
const DICOM_WORDS =
  'ANN ARCHIVE AR AS ASMT AU BDUS BI BMD CAD CAPTURE CD CF COMP CP CR CS CT CTPROTOCOL DD DF DG DM ' +
  'DMS DOC DOCD DS DSS DX EC ECG EEG EMG EOG EPS ES F FA FC FID FILMD FP FS GM H HC HD IO IOL ' +
  'IVOCT IVUS KER KO LEN LOG LP LS M M3D MA MC MCD MEDIM MG MP MR MS NEARLINE NM O OAM OCT OFFLINE ' +
  'ONLINE OP OPM OPR OPT OPTBSV OPTENF OPV OSS OT PLAN POS PR PRINT PT PX REG RESP RF RG RT RTDOSE ' +
  'RTIMAGE RTINTENT RTPLAN RTRAD RTRECORD RTSEGANN RTSTRUCT SEG SM SMR SR SRF ST STAIN TEXTUREMAP ' +
  'TG U UNAVAILABLE US VA VF VIDD WSD XA XAPROTOCOL XC';

/** Six digits from 109001 up, or one of the words above. */
export const DICOM_CODE = anyOf(['1(?:09|[12]\\d|3[0-3])\\d{3}', ...DICOM_WORDS.split(' ')]);

/**
 * Manufacturers of vaccines. Those that CDC added after 2008 were entered by hand and not compared
 * with a list.
 *
 * @source HL7 v2 table 0227, and CDC's list of 2008, in github.com/nschonni/healthvault-docs
 */
export const MVX = anyOf(
  [
    'AB ACA AD AKR ALP AR ASZ AVB AVI BA BAH BAY BN BP BPC BRR BTP BTL CAN CEN CHI CMP CNJ CON CRU ' +
      'CSL DVC DVX EVN GEO GRE GRF IAG IM IUS JNJ JPN JSN KED KGC LED MA MBL MCM MED MIL MIP MOD MSD ' +
      'NAB NAV NOV NVX NYB ORT OTC OTH PAX PD PFR PHU PMC PRX PSC PWJ SCL SEQ SI SKB SNV SOL SPH TAL ' +
      'TVA UNK USA VAL VBP VNR VXG WA WAL ZLB',
  ].flatMap((codes) => codes.split(' ')),
);

function anyOf(forms: readonly string[]): RegExp {
  return new RegExp(`^(?:${forms.join('|')})$`);
}
