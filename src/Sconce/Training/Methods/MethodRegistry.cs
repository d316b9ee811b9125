using Sconce.Networks;

namespace Sconce.Training;

/// <summary>Finds methods of training by name; dashes, underscores and case are alike.</summary>
/// <param name="ofSystems">Those that systems bring, in their order.</param>
public class MethodRegistry(IEnumerable<TrainingMethod> ofSystems)
{
    /// <summary>The plain one, then those of the systems.</summary>
    public IReadOnlyList<TrainingMethod> All { get; } = [ClassifierMethod.Plain, .. ofSystems];

    /// <summary>The method of that name, or null.</summary>
    public TrainingMethod? Find(string name) => All.FirstOrDefault(method => Plain(method.Name) == Plain(name));

    /// <summary>The method of that name.</summary>
    /// <exception cref="UsageException">There is none; the message names the nearest.</exception>
    public TrainingMethod Get(string name) => Find(name) ?? throw new UsageException(
        $"there is no method '{name}'. {NearestNames.Suggest(name, All.Select(method => method.Name))}".TrimEnd()
            + $" The methods are {string.Join(", ", All.Select(method => method.Name))}");

    /// <summary>The method that trains a network where none is named.</summary>
    public TrainingMethod DefaultFor(ModelVariant variant) =>
        All.FirstOrDefault(method => method.IsDefaultFor(variant)) ?? ClassifierMethod.Plain;

    private static string Plain(string name) => name.Replace('-', '_').ToLowerInvariant();
}
