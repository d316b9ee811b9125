namespace Sconce.Systems.Control.Driving;

/// <summary>What a step of a car came to.</summary>
/// <param name="Before">Where it was.</param>
/// <param name="Steering">What it steered.</param>
/// <param name="Reward">Metres.</param>
/// <param name="After">Where it came to.</param>
/// <param name="Ends">Whether it left the lane.</param>
internal readonly record struct DriveStep(CarView Before, double Steering, double Reward, CarView After, bool Ends);
