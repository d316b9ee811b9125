namespace Sconce.Export.Onnx;

/// <summary>The table: libtorch's operator on the left, how ONNX says it on the right. An operator that writes in place is its plain form
/// under another name.</summary>
internal static class OnnxOperators
{
    private static readonly Dictionary<string, Action<OnnxCall>> Table = new(
        [.. OnnxArithmetic.Table, .. OnnxActivations.Table, .. OnnxLayers.Table, .. OnnxPooling.Table, .. OnnxReductions.Table,
            .. OnnxShapes.Table, .. OnnxIndexing.Table, .. OnnxCreation.Table,
         .. OnnxQuantization.Table],
        StringComparer.Ordinal);

    /// <summary>Every operator that has a counterpart.</summary>
    public static IReadOnlyCollection<string> Known => Table.Keys;

    public static bool Has(string kind) => Find(kind) is not null;

    public static void Convert(OnnxCall call) => Find(call.Kind)!(call);

    private static Action<OnnxCall>? Find(string kind) =>
        Table.TryGetValue(kind, out var found) || (WritesInPlace.IsWrite(kind) && Table.TryGetValue(kind[..^1], out found)) ? found : null;
}
