using System.Globalization;
using Sconce.Data;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>Which training pictures keep their labels; the others' are not looked at.</summary>
internal static class LabelledChoice
{
    /// <summary>Those that a run has kept.</summary>
    internal static long[] Kept(IReadOnlyList<int> labels, IReadOnlyList<int> labelled)
    {
        long[] assigned = Enumerable.Repeat(-1L, labels.Count).ToArray();
        foreach (int k in labelled) assigned[k] = labels[k];
        return assigned;
    }

    /// <summary>So many of each class, chosen by the seed: <c>-> (N)</c>, -1 for pictures without label.</summary>
    /// <exception cref="DataException">A class has fewer.</exception>
    internal static long[] BySeed(IReadOnlyList<int> labels, IReadOnlyList<string> classes, int perClass, ulong seed)
    {
        long[] assigned = Enumerable.Repeat(-1L, labels.Count).ToArray();
        int[] left = [.. Enumerable.Repeat(perClass, classes.Count)];
        foreach (int k in AugmentationRandom.Permutation(labels.Count, seed, 0))
        {
            if (left[labels[k]] == 0) continue;
            left[labels[k]]--;
            assigned[k] = labels[k];
        }

        int wanting = Array.FindIndex(left, count => count > 0);
        if (wanting < 0) return assigned;
        throw new SettingsException("labelsPerClass", called =>
            $"{called} {perClass}: '{classes[wanting]}' has {perClass - left[wanting]} pictures to learn from");
    }

    /// <summary>Those of a list: a picture a line, by its path (relative to the data or to the list) or, for pictures without path, its
    /// number in the set.</summary>
    /// <exception cref="DataException">No such file or picture, or a class without a labelled one; with the line.</exception>
    internal static long[] ByList(string file, string data, IDataset<ImageExample> images, IReadOnlyList<int> labels,
        IReadOnlyList<string> classes)
    {
        if (!File.Exists(file)) throw new SettingsException("labelled", called => $"{called}: there is no file '{file}'");
        var places = Enumerable.Range(0, images.Count).ToDictionary(k => images.NameOf(k), k => k);
        long[] assigned = Enumerable.Repeat(-1L, labels.Count).ToArray();
        int number = 0;
        foreach (string line in TextFiles.ReadLines(file))
        {
            number++;
            if (line.Trim() is not { Length: > 0 } name) continue;
            int k = Find(name);
            if (k < 0)
                throw new DataException($"{file}, line {number}", $"'{name}' is no picture to learn from in {data}: a path relative to "
                    + $"that folder, or a number from 0 to {images.Count - 1}, is wanted (pictures that are held out cannot be taken)");
            assigned[k] = labels[k];
        }

        for (int c = 0; c < classes.Count; c++)
        {
            if (!assigned.Contains(c)) throw new DataException(file, $"it lists no picture of the class '{classes[c]}': each needs one");
        }

        return assigned;

        int Find(string name)
        {
            foreach (string root in (string[])[data, Path.GetDirectoryName(Path.GetFullPath(file))!])
            {
                string slashed = name.Replace('\\', '/');    // a list from Windows
                if (places.TryGetValue(Path.Combine(root, name), out int found)
                    || places.TryGetValue(Path.GetFullPath(Path.Combine(root, slashed)), out found)
                    || places.TryGetValue(Path.GetFullPath(Path.Combine(root, name)), out found)) return found;
            }

            return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < images.Count ? index : -1;
        }
    }
}
