namespace Sconce.Cli.Output;

/// <summary>What a checkpoint holds, in <c>weights --json</c>.</summary>
internal sealed record CheckpointJson(string File, string Format, string Wrapper, IReadOnlyList<string> Wrappers, string StrippedPrefix,
    long Parameters, long Bytes, IReadOnlyList<TensorJson> Tensors, IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<SkippedJson> Skipped, KeyCheckJson? Check);

/// <summary>An object beside the tensors that is no weight.</summary>
internal sealed record SkippedJson(string Name, string ClassName);

/// <summary>One tensor.</summary>
internal sealed record TensorJson(string Name, string DType, IReadOnlyList<long> Shape, long Elements);

/// <summary>How a checkpoint's names meet a network's.</summary>
internal sealed record KeyCheckJson(string Network, bool Fits, int Matched, IReadOnlyList<MissingJson> Missing,
    IReadOnlyList<UnexpectedJson> Unexpected, IReadOnlyList<MisShapedJson> MisShaped, string Hint);

/// <summary>A name that the checkpoint lacks.</summary>
internal sealed record MissingJson(string Name, IReadOnlyList<long> Shape, IReadOnlyList<string> Nearest);

/// <summary>A name that the network lacks.</summary>
internal sealed record UnexpectedJson(string Name, IReadOnlyList<long> Shape);

/// <summary>A name whose shapes differ.</summary>
internal sealed record MisShapedJson(string Name, IReadOnlyList<long> Expected, IReadOnlyList<long> Found);
