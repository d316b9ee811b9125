using System.Text.Json;
using Sconce.Data;
using Sconce.Files;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>
/// Rico's view hierarchies: with <c>activity.root</c> and the app's name, or a root alone as its semantic annotations have it.
/// </summary>
internal static class ViewHierarchy
{
    private const int Deepest = 200;

    /// <summary>Reads one.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="width">The root's width afterwards: bounds are scaled to it.</param>
    /// <returns>The app's name, or that of the file's folder where it is not said; and the root.</returns>
    /// <exception cref="DataException">It is no JSON, or no hierarchy.</exception>
    public static (string App, ScreenNode Root) Read(string path, int width)
    {
        try
        {
            using var document = JsonDocument.Parse(RegularFile.ReadAllText(path), new JsonDocumentOptions { MaxDepth = Deepest });
            var all = document.RootElement;
            var root = all.ValueKind == JsonValueKind.Object && all.TryGetProperty("activity", out var activity)
                && activity.ValueKind == JsonValueKind.Object && activity.TryGetProperty("root", out var inner) ? inner : all;
            string app = all.ValueKind == JsonValueKind.Object && all.TryGetProperty("activity_name", out var name)
                && name.ValueKind == JsonValueKind.String
                ? name.GetString()!.Split('/')[0] : Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "";
            if (BoundsOf(root) is not { } bounds || bounds[2] <= bounds[0])
                throw new DataException(path, "its root has no bounds: a view hierarchy with class, bounds and children is expected");
            return (app, Node(path, root, (double)width / (bounds[2] - bounds[0])));
        }
        catch (Exception fault) when (fault is JsonException or IOException)
        {
            throw new DataException(path, $"the view hierarchy cannot be read: {fault.Message}", fault);
        }
    }

    private static ScreenNode Node(string path, JsonElement element, double scale)
    {
        int[] found = BoundsOf(element) ?? throw new DataException(path, "a node has no bounds");
        int[] bounds = [.. found.Select(edge => (int)Math.Round(edge * scale))];
        string kind = Text("componentLabel") ?? Text("class")?.Split('.')[^1] ?? "View";
        var children = element.TryGetProperty("children", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(IsShown).Select(child => Node(path, child, scale)).ToList() : [];
        return new ScreenNode(kind, bounds, children);

        string? Text(string name) =>
            element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    /// <summary>Rico has nulls among children, and views that are not on the screen.</summary>
    private static bool IsShown(JsonElement child) =>
        BoundsOf(child) is { } bounds && bounds[2] > bounds[0] && bounds[3] > bounds[1]
        && !(child.TryGetProperty("visible-to-user", out var visible) && visible.ValueKind == JsonValueKind.False);

    private static int[]? BoundsOf(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("bounds", out var bounds)) return null;
        if (bounds.ValueKind != JsonValueKind.Array || bounds.GetArrayLength() != 4) return null;
        var edges = new int[4];
        for (int k = 0; k < edges.Length; k++)
        {
            if (bounds[k].ValueKind != JsonValueKind.Number || !bounds[k].TryGetInt32(out edges[k])) return null;
        }

        return edges;
    }
}
