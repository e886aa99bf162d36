import type { Sensitivity } from '../../zk/vocabulary.js';
import { ADDRESSES } from '../codes/addresses.js';

/** What codes with these prefixes are about; `but` lists exceptions. */
export interface PrefixRule {
  readonly systems: readonly string[];
  readonly label: Sensitivity;
  /** Without dots, upper case. */
  readonly begins: readonly string[];
  readonly but?: readonly string[];
}

const { ICD_9, ICD_11, ICPC, ATC, CPT, HCPCS, NUCC, REVENUE } = ADDRESSES;
const ICD_10 = [...ADDRESSES.ICD_10, ...ADDRESSES.ICD_10_GM];
const words = (text: string): readonly string[] => text.split(' ');

/**
 * Classifications whose codes show by prefix what they are about.
 *
 * @source the chapters and blocks of ICD-10-CM (https://www.cdc.gov/nchs/icd/icd-10-cm), ICD-9-CM,
 *   ICD-11 (https://icd.who.int), ICPC-2, the ATC index (https://atcddd.fhi.no) and HCPCS level II,
 *   chosen after the Consent2Share value sets of SAMHSA, VSAC 2.16.840.1.113762.1.4.1142.1 to .67;
 *   Those of NUCC were compared with the names of its first edition, in github.com/HL7/UTG
 *   (cs-v3-HealthcareProviderTaxonomyHIPAA); later ones were entered by hand. So are those of
 *   ICD-10-PCS, ICF, MS-DRG, CDT, CVX and NUBC, which were not compared with their publishers' lists.
 *   Tobacco is left out: 42 CFR 2.11 excepts it from the substances.
 */
export const SENSITIVE_PREFIXES: readonly PrefixRule[] = [
  {
    systems: ICD_10,
    label: 'PSY',
    begins: words(
      'F04 F05 F06 F07 F09 F2 F3 F4 F5 F6 F7 F8 F9 R4585 T1491 X6 X71 X72 X73 X74 X75 X76 ' +
        'X77 X78 ' +
        'X79 X80 X81 X82 X83 Z046 Z133 Z915 Z8659',
    ),
  },
  {
    systems: ICD_10,
    label: 'SUD',
    begins: words(
      'F10 F11 F12 F13 F14 F15 F16 F18 F19 E244 G312 G621 G721 I426 K292 K70 K852 K860 ' +
        'O355 O9931 ' +
        'O9932 P043 P044 P961 Q860 R780 R781 R782 R783 R784 R785 T40 T436 T51 Y90 Y91 Z6372 Z714 ' +
        'Z715 Z721 Z722 Z811 Z813',
    ),
  },
  {
    systems: ICD_10,
    label: 'HIV',
    begins: words('B20 B21 B22 B23 B24 B9735 F024 O987 R75 Z114 Z206 Z21 Z717'),
  },
  {
    systems: ICD_10,
    label: 'SDV',
    begins: words('O9A3 O9A4 O9A5 T74 T76 Y05 Y06 Y07 Z044 Z047 Z6281 Z69 Z9141 Z9142'),
  },
  {
    systems: ICD_10,
    label: 'GDIS',
    begins: words(
      'D55 D56 D57 D58 D66 D67 D680 D681 D682 D6851 D6852 E70 E71 E72 E74 E75 E76 E77 E84 E8801 ' +
        'E8302 E8311 G10 G11 G120 G121 G600 G710 G711 H355 Q611 Q612 Q613 Q780 Q796 Q85 Q874 Q90 ' +
        'Q91 Q92 Q93 Q95 Q96 Q97 Q98 Q99 Z1371 Z1379 Z14 Z15 Z3143 Z315 Z8481',
    ),
  },
  {
    systems: ICD_9,
    label: 'PSY',
    begins: words('29 30 31 E95 V6284 V11 V154 V790'),
    but: words('290 291 292 303 304 305'),
  },
  {
    systems: ICD_9,
    label: 'SUD',
    begins: words(
      '291 292 303 304 305 3575 4255 5353 5710 5711 5712 5713 7903 9650 980 V113 V6542',
    ),
    but: ['3051'],
  },
  { systems: ICD_9, label: 'HIV', begins: words('042 07953 79571 V08 V6544 V0179') },
  {
    systems: ICD_9,
    label: 'SDV',
    begins: words('9955 9958 E960 E967 V1541 V6110 V6111 V6112 V6121'),
  },
  {
    systems: ICD_9,
    label: 'GDIS',
    begins: words('2700 2770 2824 2826 2860 2861 3334 3591 758 7595 7598 V83 V84 V8271'),
  },
  { systems: ICD_11, label: 'PSY', begins: ['6'], but: ['6C4'] },
  { systems: ICD_11, label: 'SUD', begins: ['6C4'], but: ['6C4A'] },
  { systems: ICD_11, label: 'HIV', begins: words('1C60 1C61 1C62') },
  { systems: ICD_11, label: 'SDV', begins: words('PJ2 QE51 QE82') },
  {
    systems: ICD_11,
    label: 'GDIS',
    begins: words('3A50 3A51 3B10 3B11 5C5 8A01 8C70 CA25 LD2 LD4'),
  },
  { systems: ICPC, label: 'PSY', begins: ['P'], but: words('P15 P16 P17 P18 P19') },
  { systems: ICPC, label: 'SUD', begins: words('P15 P16 P18 P19') },
  { systems: ICPC, label: 'HIV', begins: ['B90'] },
  { systems: ICPC, label: 'SDV', begins: ['Z25'] },
  { systems: ATC, label: 'PSY', begins: words('N05A N06A N06BA N06CA') },
  { systems: ATC, label: 'SUD', begins: words('N07BB N07BC V03AB15') },
  { systems: ATC, label: 'HIV', begins: words('J05AE J05AF J05AG J05AJ J05AR') },
  { systems: CPT, label: 'PSY', begins: words('9079 9083 9084 9085 9086 9087 9088 96127') },
  { systems: CPT, label: 'SUD', begins: words('99408 99409') },
  {
    systems: CPT,
    label: 'HIV',
    begins: words('86689 86701 86702 86703 87389 87390 87534 87535 87536'),
  },
  { systems: CPT, label: 'GDIS', begins: words('812 813 814 88245 88261 88262 96040') },
  {
    systems: HCPCS,
    label: 'SUD',
    begins: words(
      'G0396 G0397 G2067 G2068 G2086 H0001 H0005 H0010 H0015 H0020 H0033 H0050 J0571 J0572 ' +
        'J0573 J0574 J0575 J2315',
    ),
  },
  { systems: HCPCS, label: 'PSY', begins: words('G0444 H0031 H0035 H0036 H0037 H0046 H2') },
  // Sections G (mental health) and H (substance abuse treatment).
  { systems: ADDRESSES.ICD_10_PCS, label: 'PSY', begins: ['G'] },
  { systems: ADDRESSES.ICD_10_PCS, label: 'SUD', begins: ['H'] },
  // Intellectual, psychosocial, temperament, drive, emotion, thought, self and time.
  {
    systems: ADDRESSES.ICF,
    label: 'PSY',
    begins: words('B117 B122 B125 B126 B130 B147 B152 B160 B164 B180'),
  },
  { systems: ADDRESSES.CDT, label: 'SUD', begins: ['D1321'] },
  { systems: ADDRESSES.CDT, label: 'GDIS', begins: words('D0422 D0423') },
  // Major diagnostic categories 19, 20 and 25, and inborn errors of metabolism.
  {
    systems: ADDRESSES.MS_DRG,
    label: 'PSY',
    begins: words('876 880 881 882 883 884 885 886 887'),
  },
  { systems: ADDRESSES.MS_DRG, label: 'SUD', begins: words('894 895 896 897') },
  { systems: ADDRESSES.MS_DRG, label: 'HIV', begins: words('969 970 974 975 976 977') },
  { systems: ADDRESSES.MS_DRG, label: 'GDIS', begins: ['642'] },
  { systems: ADDRESSES.CVX, label: 'HIV', begins: ['61'] },
  {
    systems: REVENUE,
    label: 'PSY',
    begins: words('0114 0124 0134 0144 0154 0204 090 091 0961 1000 1001'),
    but: ['0906'],
  },
  {
    systems: REVENUE,
    label: 'SUD',
    begins: words('0116 0126 0136 0146 0156 0906 0944 0945 0953 1000 1002'),
  },
  { systems: ADDRESSES.DISCHARGE, label: 'PSY', begins: words('65 93') },
  {
    systems: NUCC,
    label: 'PSY',
    begins: words(
      '101Y 102L 103 1041C 106 163WP0807 163WP0808 163WP0809 175T 1835P1300 2084B 2084F ' +
        '2084P0015 2084P08 251S 261QM08 273R 283Q 315P 3208 322D 323P 363LP0808 364SP08',
    ),
    but: words('101YA 103TA04 2084P0802'),
  },
  {
    systems: NUCC,
    label: 'SUD',
    begins: words(
      '101YA 103TA04 163WA0400 207LA0401 207QA0401 207RA0401 2083A0300 2084A0401 2084P0802 ' +
        '261QM2800 261QR0405 2764 3245',
    ),
  },
  { systems: NUCC, label: 'GDIS', begins: words('1701 1703 207SC 207SG 207SM') },
  // A gene, a variant or a disease of Orphanet's, most of which are inherited.
  {
    systems: [
      ...ADDRESSES.HGNC,
      ...ADDRESSES.OMIM,
      ...ADDRESSES.CLINVAR,
      ...ADDRESSES.HGVS,
      ...ADDRESSES.SEQUENCE,
      ...ADDRESSES.ORPHANET,
    ],
    label: 'GDIS',
    begins: [''],
  },
];
