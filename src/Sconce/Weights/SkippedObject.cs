namespace Sconce.Weights;

/// <summary>An instance beside the tensors that is no weight.</summary>
/// <param name="Name">Where it is, dotted.</param>
/// <param name="ClassName">Module and class, such as <c>datetime.datetime</c>.</param>
public sealed record SkippedObject(string Name, string ClassName)
{
    private const int MostFound = 1000, MostVisited = 200_000, Deepest = 5, LongestName = 200;

    /// <summary>Those of a tree, in order. Modules with tensors inside are none.</summary>
    internal static IReadOnlyList<SkippedObject> Collect(object? root)
    {
        var found = new List<SkippedObject>();
        var visited = 0;
        Walk(root, "", 0);
        return found;

        void Walk(object? value, string name, int depth)
        {
            if (++visited > MostVisited || found.Count >= MostFound || depth > Deepest)
                return;
            switch (value)
            {
                case CheckpointDictionary dictionary:
                    foreach (var (key, inner) in dictionary)
                    {
                        if (key is string { Length: <= LongestName } text)
                            Walk(inner, name.Length == 0 ? text : name + "." + text, depth + 1);
                    }
                    break;
                case CheckpointObject { State: null, Items: null, Elements: null } or CheckpointObject { State: not CheckpointDictionary }:
                    if (name.Length > 0)
                        found.Add(new SkippedObject(name, ((CheckpointObject)value).ClassName));
                    break;
            }
        }
    }
}
