using Sconce.Abilities;
using Sconce.Data;

namespace Sconce.Training;

/// <summary>What a trained detector is asked about, and its numbers for what is there.</summary>
public static class AskedPictures
{
    /// <summary>What a run held out of its own data, else a folder's part to be asked about.</summary>
    /// <param name="network">A detector.</param>
    /// <param name="data">As it was given; null for the run's own.</param>
    /// <param name="place">Where that is.</param>
    /// <param name="masks">Whether masks are wanted.</param>
    public static (DetectionDataset Pictures, IReadOnlyList<string> Remarks) Of(
        TrainedNetwork network, string? data, string place, bool masks)
    {
        if (network.IsOwn(data))
        {
            var own = network.Configuration!;
            if (network.Kept is { } kept) return DetectionFolder.OpenHeldOut(place, masks, own.Classes, kept);
            var drawn = DetectionFolder.Open(place, masks, own.Run.Validation, own.Run.Seed);
            const string anew =
                "the run kept no list of its parts; they are drawn anew, which is right only if no file was added or taken away";
            return (drawn.Test, [$"{place}: {anew}", .. drawn.Remarks]);
        }

        var other = DetectionFolder.OpenTest(place, masks);
        return (other, [.. other.Remarks, .. network.Kept?.Learned(Enumerable.Range(0, other.Count).Select(other.NameOf)) ?? []]);
    }

    /// <summary>The network's number of each class of a set: by name for a run, by category for published weights.</summary>
    /// <param name="network">A detector.</param>
    /// <param name="set">What it is asked about.</param>
    /// <param name="place">Where that is.</param>
    /// <exception cref="DataException">A class that the network does not know.</exception>
    public static int[] Labels(TrainedNetwork network, DetectionDataset set, string place)
    {
        if (network.Classes is not { } names)
        {
            int known = network.Variant.Find<IHasClasses>()?.Classes ?? 0;
            return set.Categories.FirstOrDefault(category => category < 0 || category >= known, -1) is >= 0 and var unknown
                ? throw new DataException(
                    place, $"it has the category {unknown}, but {network.Variant.Name} knows {known}, by COCO's numbers")
                : [.. set.Categories.Select(category => (int)category)];
        }

        var numbers = names.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        return [.. set.Classes.Select(Number)];

        int Number(string name) => numbers.TryGetValue(name, out int number)
            ? number
            : throw new DataException(
                place,
                $"it has the class '{name}', which the network does not know. {NearestNames.Suggest(name, names)} "
                + $"It knows {string.Join(", ", names)}");
    }
}
