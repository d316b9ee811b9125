using Sconce.Abilities;
using Sconce.Training;

namespace Sconce.Catalogue;

/// <summary>Finds who can do what, among systems, networks and runs.</summary>
public sealed class AbilityRegistry(IReadOnlyList<CatalogueSystem> systems)
{
    private readonly CatalogueModels models = new(systems);
    private readonly CatalogueMethods methods = new(systems);
    private readonly IReadOnlyList<Ability> ofOthers = [.. systems.SelectMany(system => system.ForNetworks)];

    /// <summary>The verbs that some system has, in the order of the list of verbs.</summary>
    public IEnumerable<Verb> Verbs => Verb.All.Where(verb => SystemsOf(verb).Count > 0);

    /// <summary>The systems that do a thing, the verb's default first.</summary>
    public IReadOnlyList<CatalogueSystem> SystemsOf(Verb verb) =>
    [
        .. systems.Where(system => AllOf(system).Any(ability => ability.Verb == verb))
            .OrderBy(system => system.DefaultFor.Contains(verb) ? 0 : 1),
    ];

    /// <summary>Every ability of a verb, of any system.</summary>
    public IEnumerable<Ability> Of(Verb verb) => SystemsOf(verb).SelectMany(AllOf).Where(ability => ability.Verb == verb);

    /// <summary>What a system does: with its own networks, and with those of others.</summary>
    public static IEnumerable<Ability> AllOf(CatalogueSystem system) => system.Abilities.Concat(system.ForNetworks);

    /// <summary>The system that a verb takes where none is named.</summary>
    public AbilityTarget DefaultOf(Verb verb)
    {
        var system = SystemsOf(verb)[0];
        return Whole(system);
    }

    /// <summary>
    /// Whom a name means: a run's folder, a checkpoint that knows its network, a system, or a network; null where it means none of them.
    /// </summary>
    /// <exception cref="UsageException">It is a folder of a run that cannot be asked.</exception>
    public AbilityTarget? Find(string name)
    {
        if (File.Exists(Path.Combine(name, RunFolder.ConfigurationName))) return OfRun(name);
        if (Path.GetExtension(name) == ".ckpt" && OfCheckpoint(name) is { } known) return known;
        if (systems.FirstOrDefault(system => Plain(system.Card.Name) == Plain(name)) is { } found) return Whole(found);
        return models.Find(name) is { } network
            ? new AbilityTarget(network.Name, models.SystemOf(network), network) { OfOthers = ofOthers }
            : null;
    }

    /// <summary>Whom a checkpoint is of, where it says so itself; null where it does not.</summary>
    public AbilityTarget? OfCheckpoint(string path) => KnownCheckpoint.Find(path, models, methods) is { } known
        ? known with { OfOthers = ofOthers }
        : null;

    /// <summary>Names that were probably meant, as a sentence; empty where none is near.</summary>
    public string Suggest(string name) => NearestNames.Suggest(name, systems.Select(system => system.Card.Name).Concat(models.List()));

    private AbilityTarget OfRun(string folder)
    {
        var configuration = RunConfigurationFile.Read(Path.Combine(folder, RunFolder.ConfigurationName), methods);
        var variant = models.Get(configuration.Network);
        string best = Path.Combine(folder, RunFolder.BestName);
        var network = new TrainedNetwork(variant, best, configuration.ImageSize, configuration.Classes)
        {
            Configuration = configuration,
            Run = folder,
        };
        return new AbilityTarget(folder, models.SystemOf(variant), variant)
        {
            Run = network,
            Method = methods.Get(configuration.Method),
            OfOthers = ofOthers,
        };
    }

    private AbilityTarget Whole(CatalogueSystem system) => new(system.Card.Name, system, null) { OfOthers = ofOthers };

    private static string Plain(string name) => name.Replace('-', '_').ToLowerInvariant();
}
