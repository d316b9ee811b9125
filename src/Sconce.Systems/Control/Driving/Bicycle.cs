using Sconce.Torch;

namespace Sconce.Systems.Control.Driving;

/// <summary>A car as two wheels in line that do not slip. Gradients flow to start and controls.</summary>
public sealed record Bicycle
{
    /// <summary>Between the axles, in metres.</summary>
    public double Wheelbase { get; init; } = 2.5;

    /// <summary>Seconds of a step.</summary>
    public double Step { get; init; } = 0.1;

    /// <summary>The greatest angle of the front wheel, in radians.</summary>
    public double MostSteering { get; init; } = 0.5;

    /// <summary>The greatest acceleration, in m/s².</summary>
    public double MostAcceleration { get; init; } = 2;

    /// <summary>
    /// Explicit Euler steps. <c>(N, 4), (N, steps, 2) -> (N, steps + 1, 4)</c>: place in metres, heading in radians, speed in m/s.
    /// </summary>
    /// <param name="start">At the first moment.</param>
    /// <param name="controls">Steering and pedal, any numbers: tanh squeezes them into their range.</param>
    public Tensor Drive(Tensor start, Tensor controls)
    {
        using var scope = new TensorScope();
        Tensor[] now = start.Unbind(1);
        var path = new List<Tensor> { start };
        foreach (var control in controls.Unbind(1))
        {
            Tensor angle = control.Select(1, 0).Tanh() * MostSteering, acceleration = control.Select(1, 1).Tanh() * MostAcceleration;
            Tensor heading = now[2], speed = now[3];
            now =
            [
                now[0] + (speed * heading.Cos() * Step),
                now[1] + (speed * heading.Sin() * Step),
                heading + (speed * angle.Tan() * (Step / Wheelbase)),
                speed + (acceleration * Step),
            ];
            path.Add(Tensor.Stack(now, 1));
        }

        return scope.Keep(Tensor.Stack([.. path], 1));
    }
}
