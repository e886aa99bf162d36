/**
 * The terms of the GS1 Core Business Vocabulary 2.0 that an EPCIS event may use without a prefix.
 * Any other term needs a prefix or is a full URI.
 *
 * @source https://ref.gs1.org/standards/cbv/2.0.0/ section 7
 */
export const BIZ_STEPS = words(`
  accepting arriving assembling collecting commissioning consigning creating_class_instance
  cycle_counting decommissioning departing destroying disassembling dispensing encoding
  entering_exiting holding inspecting installing killing loading other packing picking receiving
  removing repackaging repairing replacing reserving retail_selling sampling sensor_reporting
  shipping staging_outbound stock_taking stocking storing transporting unloading unpacking
  void_shipping`);

export const DISPOSITIONS = words(`
  active available completeness_inferred completeness_verified conformant container_closed
  container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit
  inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement no_pedigree_match
  non_conformant non_sellable_other partially_dispensed recalled reserved retail_sold returned
  sellable_accessible sellable_not_accessible stolen unavailable unknown`);

export const BIZ_TRANSACTION_TYPES = words(`
  bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt`);

export const SOURCE_DESTINATION_TYPES = words('owning_party possessing_party location');

export const ERROR_REASONS = words('did_not_occur incorrect_data');

export const SENSOR_ALERTS = words('ALARM_CONDITION ERROR_CONDITION');

export const SENSOR_COMPONENTS = words(`
  x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing
  latitude longitude altitude geocoordinate`);

/** Property types of a sensor report, as the GS1 Web Vocabulary names them. */
export const MEASUREMENT_TYPES = words(`
  AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Activity Altitude AmountOfSubstance
  AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area
  Capacitance Conductance Conductivity Count Density Dimensionless DoseEquivalent
  DoseEquivalentRate DynamicViscosity EffectiveDose EffectiveDoseRate ElectricCharge
  ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
  Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux
  LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass
  MassConcentration MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy
  MolarMass MolarVolume Power Pressure RadiantFlux RadiantIntensity
  RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity
  SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction
  VolumetricFlux Wavenumber`);

function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}
