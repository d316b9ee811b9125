using System.Globalization;
using System.Numerics;

namespace Sconce.Weights;

/// <summary>
/// Gives every tensor of a tree its dotted name, as <c>state_dict()</c> would: dictionaries and lists by key, TorchScript modules by
/// attribute, whole pickled modules through their <c>_parameters</c>, <c>_buffers</c> and <c>_modules</c>. Shared containers are walked
/// once for each name, under a limit.
/// </summary>
internal sealed class StateDictFlattener
{
    const int LongestName = 4096;
    const string Parallel = "module.";    // data parallelism
    readonly CheckpointFile file;
    readonly List<CheckpointTensor> tensors = [];
    readonly HashSet<string> names = new(StringComparer.Ordinal);
    readonly HashSet<CheckpointTensor> hadPrefix = new(ReferenceEqualityComparer.Instance);
    long named;
    int visited;

    StateDictFlattener(CheckpointFile file) => this.file = file;

    /// <summary>The tensors, the prefix that was taken off, and which of them had one that was asked for.</summary>
    public static (IReadOnlyList<CheckpointTensor> Tensors, string StrippedPrefix, IReadOnlySet<CheckpointTensor> HadPrefix) Flatten(
        object? root, CheckpointFile file, bool asTheyAre = false)
    {
        var flattener = new StateDictFlattener(file);
        if (root is CheckpointTensor alone)
            flattener.Add("tensor", alone);
        else
            flattener.Walk(root, "");
        if (asTheyAre)
            return (flattener.tensors, "", flattener.hadPrefix);
        var (left, stripped) = flattener.Strip();
        return (left, stripped, flattener.hadPrefix);
    }

    void Walk(object? value, string name)
    {
        if (++visited > file.Limits.MaxNodes)
            throw file.Fault($"its state dict unfolds to more than {file.Limits.MaxNodes} values, since containers are shared. "
                + $"{CheckpointFile.TooMuch}");
        switch (value)
        {
            case CheckpointTensor tensor:
                Add(name, tensor);
                break;
            case CheckpointDictionary dictionary:
                Entries(dictionary, name);
                break;
            case IReadOnlyList<object?> list:
                for (var i = 0; i < list.Count; i++)
                    Walk(list[i], Join(name, i.ToString(CultureInfo.InvariantCulture)));
                break;
            case CheckpointObject instance when instance.TryGetAttributes(out var attributes):
                if (instance.ClassName.StartsWith("__torch__", StringComparison.Ordinal))
                    Scripted(attributes, name);
                else if (attributes.TryGetValue("_parameters", out var parameters) && attributes.TryGetValue("_modules", out var modules))
                    Module(attributes, parameters, modules, name);
                else
                    Entries(attributes, name);
                break;
            case CheckpointObject { Elements: { } elements }:
                Walk(elements, name);
                break;
        }
    }

    void Entries(CheckpointDictionary dictionary, string name)
    {
        var i = 0;
        foreach (var (key, value) in dictionary)
        {
            Walk(value, Join(name, key switch
            {
                string text => text,
                long or BigInteger or bool or double or CheckpointGlobal => Convert.ToString(key, CultureInfo.InvariantCulture)!,
                _ => $"#{i}",
            }));
            i++;
        }
    }

    /// <summary>A TorchScript module's state dict holds its tensors and its submodules' alone, no lists or dictionaries.</summary>
    void Scripted(CheckpointDictionary attributes, string name)
    {
        foreach (var (key, value) in attributes)
        {
            if (value is CheckpointTensor or CheckpointObject && key is string text)
                Walk(value, Join(name, text));
        }
    }

    void Module(CheckpointDictionary attributes, object? parameters, object? modules, string name)
    {
        Walk(parameters, name);
        var unsaved = attributes.TryGetValue("_non_persistent_buffers_set", out var set) ? set as IReadOnlyList<object?> ?? [] : [];
        if (attributes.TryGetValue("_buffers", out var buffers) && buffers is CheckpointDictionary kept)
        {
            foreach (var (key, value) in kept)
            {
                if (key is string text && !unsaved.Contains(text))
                    Walk(value, Join(name, text));
            }
        }
        Walk(modules, name);
    }

    string Join(string name, string part)
    {
        if (name.Length + part.Length > LongestName)
            throw file.Fault($"a name longer than {LongestName} characters, "
                + $"{CheckpointFile.Quote(name + "." + part[..Math.Min(200, part.Length)])}. {CheckpointFile.Damaged}");
        // The long name of a dictionary is in the name of everything in it.
        named += name.Length + part.Length;
        if (named > file.Limits.MaxNameCharacters)
            throw file.Fault($"names of more than {file.Limits.MaxNameCharacters} characters together. {CheckpointFile.TooMuch}");
        return name.Length == 0 ? part : name + "." + part;
    }

    void Add(string name, CheckpointTensor tensor)
    {
        if (!names.Add(name))
        {
            throw new CheckpointException(
                file.Path, $"two tensors are both named {CheckpointFile.Quote(name)}. Name the one dictionary that is wanted.")
            {
                Remedy = Remedy.Wrapper,
            };
        }
        if (tensors.Count >= file.Limits.MaxEntries)
            throw file.Fault($"more than {file.Limits.MaxEntries} tensors. {CheckpointFile.TooMuch}");
        tensors.Add(tensor.Named(name));
    }

    (IReadOnlyList<CheckpointTensor> Tensors, string StrippedPrefix) Strip()
    {
        if (file.Options.StripPrefix is { } asked)
            return asked.Length == 0 ? (tensors, "") : (Without(asked), asked);
        var stripped = "";
        IReadOnlyList<CheckpointTensor> left = tensors;
        var plain = tensors.Select(t => FittedNames.WithoutSegments(t.Name)).ToList();
        if (plain.Where((name, i) => name != tensors[i].Name).FirstOrDefault() is { } example
            && plain.ToHashSet(StringComparer.Ordinal).Count == plain.Count)
        {
            stripped = string.Concat(tensors[plain.IndexOf(example)].Name.Split('.').Except(example.Split('.')).Select(part => part + "."));
            left = [.. tensors.Select((t, i) => plain[i] == t.Name ? t : t.Named(plain[i]))];
        }
        while (left.Any(Has) && left.All(t => Has(t) || FittedNames.IsCounter(t))
            && !left.Any(t => !Has(t) && left.Any(other => other.Name == Parallel + t.Name)))
        {
            left = [.. left.Select(t => Has(t) ? t.Named(t.Name[Parallel.Length..]) : t)];
            stripped += Parallel;
        }
        return (left, stripped);

        static bool Has(CheckpointTensor t) => t.Name.Length > Parallel.Length && t.Name.StartsWith(Parallel, StringComparison.Ordinal);
    }

    List<CheckpointTensor> Without(string prefix)
    {
        var left = new List<CheckpointTensor>(tensors.Count);
        foreach (var tensor in tensors)
        {
            if (tensor.Name.Length <= prefix.Length || !tensor.Name.StartsWith(prefix, StringComparison.Ordinal))
            {
                left.Add(tensor);
                continue;
            }
            left.Add(tensor.Named(tensor.Name[prefix.Length..]));
            hadPrefix.Add(left[^1]);
        }
        if (hadPrefix.Count == 0 && tensors.Count > 0)
        {
            throw new CheckpointException(file.Path,
                $"none of its names begins with {CheckpointFile.Quote(prefix)}; the first is {CheckpointFile.Quote(tensors[0].Name)}.")
            {
                Remedy = Remedy.Prefix,
            };
        }
        // What had the prefix is what was asked for: a name beside it that is the same gives way.
        var taken = hadPrefix.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        left.RemoveAll(t => !hadPrefix.Contains(t) && taken.Contains(t.Name));
        return left;
    }
}
