/*
 * The words that UCUM annotations are made of, in lower case. An annotation says what is counted
 * ({log_copies}/mL), so the number means something else without it. But it is free text, so it
 * could hold somebody's name. Only an annotation made of these words is released.
 *
 * @source the annotations of HL7's value set ucum-common (R4, 4.0.1: 1,364 codes), and the units that
 *   LOINC gives as examples
 */
export const ANNOTATION_WORDS: ReadonlySet<string> = new Set(
  (
    'abnormal absorbance achr activity activitycoefficient actuat actuations aggregation ahf ' +
    'antibodyresponse application applications applicator aps arb aru aspirinreaction at atp b ' +
    'bacteria basal basalactivity baseline bau bce bead beat beats binding bio blockade blocked ' +
    'body bottle bound bowls breakdown breaths c cae cag cagrepeat calculated calculi can cans ' +
    'cap caps capsule capsules carboxyhemoglobin cel cell cells cftiter cfu cgg ch cholesterol ' +
    'cigarettes class clock co collection complementactivityenzyme complementch control ' +
    'conversion copies copy corrected cound count counts cp cpm cre creat creatinine ct cys ' +
    'cytosol dalton day days dd ddtiter ddu deficient delta deltaopticaldensity dial dilution ' +
    'disintegrations dl donor dose drinks drop drops dry dryweight each ehrlich ehrlichu eia ' +
    'eiaindex eiatiter ejaculate elisa elisaindex elisau elisavalue entity eosseen equivalents ' +
    'eqv ery ev events excretion eye fat feces fetal fetalerythrocytes fetuses feu ffu fiu fl ' +
    'fluorescenceintensity fold fraction fuc g gaa genomes gestation gf gfr gliadinindexvalue ' +
    'globules globulin gps h ha hair hatiter hb hbsag hemoglobin hemoglobina ' +
    'hemoglobinsaturation hemolysis hgb hours hpf humanresponse ifa ifaindex ifatiter iga ' +
    'igaantiphosphatidyleserine igaphospholipid ige igg iggantiphosphatidyleserine iggindex igm ' +
    'igmantiphosphatidyleserine igmindex immunecomplex immunestatusratio immunity ' +
    'immunofluorescence index indexvalue informative inh inhalation inhalations ' +
    'inhaledtobaccouseamountyears inhaledtobaccousepacks inhibition inr isr iu jdf ' +
    'juvenilediabetesfound kct kp kronu ku lg lgcopies live log loss lozenge lpf lyme ' +
    'lymeindexvalue lysis m markers min minidrop minidrp ml mm molecule mom months mps mucosa ' +
    'multofmean mutation mutations negative neutrophils nit nominal nonspecificounce normal ' +
    'normalcontrol normalised normalized normalpooledplasma number o od of ofavailable ' +
    'ofbacteria oflymphocytes ofwbcs oif once opticaldensity opticaldensityindex ' +
    'opticaldensityratio or output oxygen p pack package packs packyear packyears pad pan patch ' +
    'pcnt penetration percentile pfu phenotype phenylketones pieces pill plasma platelet ' +
    'platelets points polarization pooled portionphospholipids positive pouches precipitate ' +
    'prot protein puff puffs rad radioactivet ratio rbc rbcs reaction reactive reactivity ' +
    'recovery rectiter reference relative relativeviscosity repeats residual response risk rpi ' +
    'rt rubella rubellavirus s satindex saturation scoop score scoreof scores sd sds sec serum ' +
    'shift specimen spermatozoa spermmotility spray sprays standarddeviation standardiga ' +
    'standardigg standardigm stddev stddeviation stdv step steps stimulatingindex streptozyme ' +
    'sup suppository t tab tablet tablets tbl tbsp tcid thyroxinuptake tibc time times tine tis ' +
    'tissue titer titr titre to tot total totalprotein totalvolume totalweight ' +
    'toxoplasmaindexvalue tsi tsp tv u un unit units uptake uptakeratio urea urine v val value ' +
    'viable vial virus vol volume vvolume wbc wbcs week weeks weeksdays weight weighttoweight ' +
    'wet whitebloodcell wt y year years yyyy z zscore'
  ).split(' '),
);
