using System.Globalization;
using System.Numerics;

namespace Sconce.Weights;

/// <summary>
/// Gives every tensor of a tree its dotted name, as <c>state_dict()</c> would: dictionaries and lists by key, TorchScript modules by attribute, whole pickled modules through
/// their <c>_parameters</c>, <c>_buffers</c> and <c>_modules</c>. Shared containers are walked once for each name, under a limit.
/// </summary>
internal sealed class StateDictFlattener
{
    const int LongestName = 4096;
    static readonly string[] AutomaticPrefixes = ["module.", "_orig_mod."];
    readonly CheckpointFile file;
    readonly List<CheckpointTensor> tensors = [];
    readonly HashSet<string> names = new(StringComparer.Ordinal);
    int visited;

    StateDictFlattener(CheckpointFile file) => this.file = file;

    public static (IReadOnlyList<CheckpointTensor> Tensors, string StrippedPrefix) Flatten(object? root, CheckpointFile file)
    {
        var flattener = new StateDictFlattener(file);
        if (root is CheckpointTensor alone)
            flattener.Add("tensor", alone);
        else
            flattener.Walk(root, "");
        return flattener.Strip();
    }

    void Walk(object? value, string name)
    {
        if (++visited > file.Limits.MaxNodes)
            throw file.Fault($"its state dict unfolds to more than {file.Limits.MaxNodes} values, since containers are shared. {CheckpointFile.TooMuch}");
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
            throw file.Fault($"a name longer than {LongestName} characters, {CheckpointFile.Quote(name + "." + part[..Math.Min(200, part.Length)])}. {CheckpointFile.Damaged}");
        return name.Length == 0 ? part : name + "." + part;
    }

    void Add(string name, CheckpointTensor tensor)
    {
        if (!names.Add(name))
            throw file.Fault($"two tensors are both named {CheckpointFile.Quote(name)}. Name one dictionary with CheckpointOptions.Wrapper.");
        if (tensors.Count >= file.Limits.MaxEntries)
            throw file.Fault($"more than {file.Limits.MaxEntries} tensors. {CheckpointFile.TooMuch}");
        tensors.Add(tensor.Named(name));
    }

    (IReadOnlyList<CheckpointTensor> Tensors, string StrippedPrefix) Strip()
    {
        if (file.Options.StripPrefix is { } asked)
            return asked.Length == 0 ? (tensors, "") : (Without(asked), asked);
        IReadOnlyList<CheckpointTensor> left = tensors;
        var stripped = "";
        while (left.Count > 0 && AutomaticPrefixes.FirstOrDefault(p => left.All(t => t.Name.Length > p.Length && t.Name.StartsWith(p, StringComparison.Ordinal))) is { } prefix)
        {
            left = [.. left.Select(t => t.Named(t.Name[prefix.Length..]))];
            stripped += prefix;
        }
        return (left, stripped);
    }

    List<CheckpointTensor> Without(string prefix)
    {
        List<CheckpointTensor> left = [.. tensors.Select(t => t.Name.Length > prefix.Length && t.Name.StartsWith(prefix, StringComparison.Ordinal) ? t.Named(t.Name[prefix.Length..]) : t)];
        if (left.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw file.Fault($"without the prefix {CheckpointFile.Quote(prefix)} two tensors are both named {CheckpointFile.Quote(twice.Key)}. Leave the prefix on.");
        return left;
    }
}
