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

    /// <summary>Places of the pictures that a person decided on, in order: they have their labels whatever else is chosen.</summary>
    /// <param name="files">The decided pictures' paths.</param>
    /// <param name="images">What is learned from.</param>
    internal static IReadOnlyList<int> Decided(IReadOnlyList<string> files, IDataset<ImageExample> images)
    {
        if (files.Count == 0) return [];
        var known = files.ToHashSet(StringComparer.Ordinal);
        return [.. Enumerable.Range(0, images.Count).Where(k => known.Contains(images.NameOf(k)))];
    }

    /// <summary>So many of each class, chosen by the seed: <c>-> (N)</c>, -1 for pictures without label.</summary>
    /// <param name="labels">Of all pictures.</param>
    /// <param name="classes">Their names.</param>
    /// <param name="perClass">How many of each.</param>
    /// <param name="seed">Of the choice, which decided pictures do not change.</param>
    /// <param name="decided">Places of pictures that are not chosen from; a class that only they have needs no other.</param>
    /// <exception cref="SettingsException">A class has fewer.</exception>
    internal static long[] BySeed(
        IReadOnlyList<int> labels, IReadOnlyList<string> classes, int perClass, ulong seed, IReadOnlyList<int> decided)
    {
        long[] assigned = Enumerable.Repeat(-1L, labels.Count).ToArray();
        int[] own = [.. Enumerable.Range(0, labels.Count).Except(decided)];
        int[] left = [.. Enumerable.Repeat(perClass, classes.Count)];
        foreach (int label in decided.Select(k => labels[k]).Except(own.Select(k => labels[k]))) left[label] = 0;
        foreach (int place in AugmentationRandom.Permutation(own.Length, seed, 0))
        {
            int k = own[place];
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
    /// <exception cref="DataException">No such file or picture, or a class without a labelled or decided one; with the line.</exception>
    internal static long[] ByList(string file, string data, IDataset<ImageExample> images, IReadOnlyList<int> labels,
        IReadOnlyList<string> classes, IReadOnlyList<int> decided)
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
            if (assigned.Contains(c) || decided.Any(k => labels[k] == c)) continue;
            throw new DataException(file, $"it lists no picture of the class '{classes[c]}': each needs one");
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
