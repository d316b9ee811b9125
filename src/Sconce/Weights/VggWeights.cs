using System.Globalization;
using Sconce.Nn;

namespace Sconce.Weights;

/// <summary>VGG's published weights for networks that hold its convolutions in slices.</summary>
public static class VggWeights
{
    private const string Published = "features.", Classifier = "classifier.";

    /// <summary>Loads torchvision's file (<c>features.N</c>), or one with the slices' own keys (<c>slice1.N</c>).</summary>
    /// <param name="network">Slices <c>slice1</c>, <c>slice2</c> …, whose layers are named by torchvision's numbers.</param>
    /// <param name="path">The checkpoint.</param>
    /// <param name="starts">The number at which each slice begins, and at last the one behind the last.</param>
    /// <exception cref="CheckpointException">It cannot be read, or does not fit.</exception>
    public static void Load(Module network, string path, params IReadOnlyList<int> starts)
    {
        ArgumentNullException.ThrowIfNull(network);
        ModelWeights.Load(network, path, new LoadOptions { Rename = Renamed });

        string? Renamed(string key)
        {
            if (key.StartsWith(Classifier, StringComparison.Ordinal)) return null;
            if (!key.StartsWith(Published, StringComparison.Ordinal)) return key;
            string rest = key[Published.Length..];
            int dot = rest.IndexOf('.', StringComparison.Ordinal);
            if (dot < 0 || !int.TryParse(rest.AsSpan(0, dot), CultureInfo.InvariantCulture, out int number)) return key;
            int slice = starts.Count(start => start <= number);
            return slice == starts.Count ? null : $"slice{slice}.{rest}";
        }
    }
}
