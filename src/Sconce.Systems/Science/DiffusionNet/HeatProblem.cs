namespace Sconce.Systems.Science.DiffusionNet;

/// <summary>A square plate of one temperature whose walls are held at others.</summary>
/// <param name="Diffusion">λ = α Δt / Δx²: how far heat goes in a step.</param>
/// <param name="Initial">Temperature within, in kelvin.</param>
/// <param name="Bottom">Of the last row's wall.</param>
/// <param name="Right">Of the last column's wall.</param>
/// <param name="Top">Of row 0's wall.</param>
/// <param name="Left">Of column 0's wall.</param>
public readonly record struct HeatProblem(double Diffusion, double Initial, double Bottom, double Right, double Top, double Left);
