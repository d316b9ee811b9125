namespace Sconce.Cli.Output;

/// <summary>A file in <c>export --json</c>.</summary>
internal sealed record ExportJson(string Network, string Function, string Format, int? Opset, string File, long Bytes, int? Batch,
    string FixedBecause, string Precision, double Difference, bool Trained, IReadOnlyList<ExportInputJson> Inputs,
    IReadOnlyList<string> Outputs);

/// <summary>An input of it; the batch stands before the shape.</summary>
internal sealed record ExportInputJson(string Name, IReadOnlyList<long> Shape);

/// <summary>A file in <c>weights pull --json</c>.</summary>
internal sealed record PullJson(string Network, string File, long Bytes, string Sha256, string PublishedSha256, bool Verified,
    long BytesReceived, string Address, string Licence, string Note);
