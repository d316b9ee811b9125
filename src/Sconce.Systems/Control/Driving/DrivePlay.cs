using Sconce.Abilities;
using Sconce.Imaging;

namespace Sconce.Systems.Control.Driving;

/// <summary>Who drives, where, and what is done to the camera.</summary>
[Settings]
public sealed partial record DrivePlaySettings
{
    /// <summary>Who steers.</summary>
    public Driver Driver { get; init; }

    /// <summary>What is done to the camera in the clip; the figures are of all of them.</summary>
    public CameraAttack Attack { get; init; }

    /// <summary>Most that an attack adds to a pixel, of the range from black to white.</summary>
    [Within(0, 1)]
    public double Eps { get; init; } = 0.02;

    /// <summary>How winding the roads are: 0 straight, 1 most.</summary>
    [Within(0, 1)]
    public double Curviness { get; init; } = 0.3;

    /// <summary>Steps of the drive, a tenth of a second each.</summary>
    [Within(1, 100_000)]
    public int Steps { get; init; } = 300;

    /// <summary>Roads that the figures are of; the clip shows the first.</summary>
    [Within(1, 10_000)]
    public int Roads { get; init; } = 16;

    /// <summary>Of the roads.</summary>
    [Within(0, 1_000_000_000)]
    public int Seed { get; init; } = 20_000_000;
}

/// <summary>Who steers.</summary>
public enum Driver
{
    /// <summary>The network.</summary>
    Policy,

    /// <summary>The expert that it learnt from.</summary>
    Expert,
}

/// <summary>A drive, and how drives went.</summary>
/// <param name="Drive">Camera, road from above, and wheel.</param>
/// <param name="Figures">A row for each thing that is done to the camera.</param>
public sealed record DrivePlayAnswer(MadeClip Drive, Rows Figures) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("drive", Drive), ("figures", Figures)];
}

/// <summary>Drives, and shows how it went.</summary>
public sealed class DrivePlay : Ability<Nothing, DrivePlayAnswer, DrivePlaySettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Play;

    /// <inheritdoc/>
    public override string Purpose =>
        "nothing in; out, a clip of a drive (camera, road, wheel) and departures a kilometre, with and without attacks on the camera";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("--driver expert --out drive.mp4", "a drive of the expert")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<CameraDriver>();

    /// <inheritdoc/>
    public override Session<Nothing, DrivePlayAnswer, DrivePlaySettings> Open(OpenRequest request) => new DrivePlaySession(request);
}

/// <summary>Drives. The policy is loaded when it is first asked to.</summary>
public sealed class DrivePlaySession(OpenRequest request) : Session<Nothing, DrivePlayAnswer, DrivePlaySettings>
{
    private const double FrameRate = 1 / LaneCars.Step;
    private DrivingPolicy? policy;

    /// <inheritdoc/>
    protected override IReadOnlyList<DrivePlayAnswer> Answer(
        IReadOnlyList<Nothing> inputs, DrivePlaySettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (settings.Driver == Driver.Policy)
        {
            if (!request.HasWeights)
                throw new UsageException(
                    $"{request.Name} needs weights to drive: those of a run, or a checkpoint; the expert drives without");
            policy ??= request.Network<DrivingPolicy>();
        }

        CameraAttack[] attacks = settings.Driver == Driver.Expert ? [CameraAttack.None] : Enum.GetValues<CameraAttack>();
        var rows = new List<IReadOnlyList<object?>>();
        foreach (var attack in attacks)
        {
            cancellation.ThrowIfCancellationRequested();
            var drives = LaneDrive.Run(Cars(settings, settings.Roads), settings.Steps, Steering(settings, attack), putsBack: true);
            string name = settings.Driver == Driver.Expert ? "the expert" : attack.ToString().ToLowerInvariant();
            rows.Add([name, drives.Departures, drives.OffRoad, drives.MeanOffset, drives.SteeringError]);
            progress?.Report(new WorkProgress("driving", rows.Count, attacks.Length));
        }

        var figures = new Rows(["camera", "departures a km", "share of steps off", "mean offset, m", "mean steering error"], rows);
        return [new DrivePlayAnswer(new MadeClip(Frames(settings, cancellation), FrameRate), figures)];
    }

    /// <inheritdoc/>
    protected override void Free() => policy?.Dispose();

    private static LaneCars Cars(DrivePlaySettings settings, int count) =>
        new(count, settings.Curviness, true, new Random(settings.Seed));

    private Func<LaneCars, double[]> Steering(DrivePlaySettings settings, CameraAttack attack) =>
        settings.Driver == Driver.Expert ? cars => cars.Expert
            : new AttackedDriver(policy!, attack, settings.Eps, new Random(settings.Seed)).Steer;

    private IEnumerable<Image> Frames(DrivePlaySettings settings, CancellationToken cancellation)
    {
        var cars = Cars(settings, 1);
        var driver = settings.Driver == Driver.Expert ? null
            : new AttackedDriver(policy!, settings.Attack, settings.Eps, new Random(settings.Seed));
        for (int step = 0; step < settings.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (steering, seen) = driver?.Steer(cars.Views, cars.Expert) ?? (cars.Expert, DriveFrame.Camera(cars));
            yield return DriveFrame.Draw(cars, steering[0], seen);
            cars.Drive(steering);
            if (Math.Abs(cars.Offsets[0]) > LaneCars.HalfWidth) cars.PutBack(0);
        }
    }
}
