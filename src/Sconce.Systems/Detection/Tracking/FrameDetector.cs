using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Networks;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>A detector of the catalogue or of a run, asked about frames: any ability that finds boxes in pictures.</summary>
internal sealed class FrameDetector : IDisposable
{
    /// <summary>What is less sure is left out where nothing else is asked.</summary>
    public const double UsualConfidence = 0.5;

    private const string Threshold = "threshold", Official = "official";
    private readonly Session session;
    private readonly Ability ability;

    private FrameDetector(string name, Session session, Ability ability) => (Name, this.session, this.ability) = (name, session, ability);

    /// <summary>As it was asked for.</summary>
    public string Name { get; }

    /// <summary>Opens it.</summary>
    /// <param name="name">A run's folder, or a network of the catalogue.</param>
    /// <param name="request">The device, and the weights of a network.</param>
    /// <exception cref="UsageException">There is none of that name, it detects nothing in pictures, or its weights are missing.</exception>
    public static FrameDetector Open(string name, OpenRequest request)
    {
        var registry = new AbilityRegistry(Systems.Catalogue.Systems);
        var target = registry.Find(name)
            ?? throw new UsageException(
                $"there is no run's folder, system or network '{name}' to detect. {registry.Suggest(name)}".TrimEnd());
        var ability = target.Abilities.FirstOrDefault(can => can.Verb == Verb.Detect && can.Input == InputKind.Picture);
        if (ability is null) throw new UsageException($"{name} finds no boxes in pictures, so nothing can be followed by it");
        var options = new AbilityOptions
        {
            Weights = Weights(target, ability, request),
            Device = request.Device,
            Size = request.Size,
            Compiles = true,
            Progress = request.Progress,
        };
        return new FrameDetector(name, target.Open(ability, options), ability);
    }

    /// <summary>The boxes of a picture that are sure enough and of a class that is followed.</summary>
    public IReadOnlyList<Box> Boxes(Image picture, TrackSettings settings, CancellationToken cancellation)
    {
        double least = settings.Confidence ?? UsualConfidence;
        bool hasThreshold = ability.Settings.All.Any(setting => setting.Name == Threshold);
        string typed = Math.Clamp(least, 0, 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        object asked = hasThreshold ? ability.Settings.Read([KeyValuePair.Create(Threshold, typed)]) : ability.Settings.Initial;
        var answer = session.Answer([Picture.Of(picture, "frame")], asked, null, cancellation)[0];
        return
        [
            .. answer.Parts.Select(part => part.Part).OfType<Boxes>().First().Items
                .Where(box => box.Confidence >= least && settings.Classes?.Names.Contains(box.Name) != false),
        ];
    }

    public void Dispose() => session.Dispose();

    /// <summary>A run has its own; a network's are named, or its official ones are taken where they were downloaded before.</summary>
    private static string? Weights(AbilityTarget target, Ability ability, OpenRequest request)
    {
        if (request.HasWeights && request.Weights != Official) return request.Weights;
        if (target.Run is not null) return null;
        var network = target.NetworkFor(ability)!;
        string official = network.Weights.Count > 0 ? ", or download its official ones first" : "";
        return network.Weights.Select(OfficialWeightsCache.PathOf).FirstOrDefault(File.Exists)
            ?? throw new UsageException($"the weights of {network.Name} are missing: name a checkpoint{official}");
    }
}
