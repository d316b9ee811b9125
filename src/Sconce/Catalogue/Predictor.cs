namespace Sconce.Catalogue;

/// <summary>What a person asked <c>sconce predict</c>.</summary>
/// <param name="Variant">The network's name; null for the system's first.</param>
/// <param name="Weights">The checkpoint's path; null where none was named.</param>
/// <param name="Inputs">Files, in order.</param>
/// <param name="Options">Everything else by its long name without dashes: <c>labels</c>, <c>vocabulary</c>, …</param>
public sealed record PredictRequest(string? Variant, string? Weights, IReadOnlyList<string> Inputs, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>An option that must be there.</summary>
    /// <exception cref="UsageException">It is not.</exception>
    public string Require(string option, string purpose) =>
        Options.TryGetValue(option, out string? value) ? value : throw new UsageException($"--{option} is missing: {purpose}");
}

/// <summary>One answer about one input.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Confidence">In [0, 1].</param>
/// <param name="Box">Where: left, top, right, bottom in pixels; null for the whole input.</param>
public sealed record Prediction(string Label, double Confidence, IReadOnlyList<double>? Box = null);

/// <summary>The answers about one input, best first.</summary>
/// <param name="Input">The file.</param>
/// <param name="Predictions">Best first.</param>
/// <param name="Output">A file that was written, such as a picture with boxes; null where none was.</param>
public sealed record PredictResult(string Input, IReadOnlyList<Prediction> Predictions, string? Output = null);

/// <summary>How a system answers on a person's own files.</summary>
public abstract class Predictor
{
    /// <summary>One line: what goes in and what comes out.</summary>
    public abstract string Purpose { get; }

    /// <summary>What it looks at, as the option for files is called: <c>image</c>, <c>video</c>.</summary>
    public virtual string Input => "image";

    /// <summary>The options that it reads from <see cref="PredictRequest.Options"/>, each with a line of help.</summary>
    public virtual IReadOnlyList<(string Name, string Help)> Options => [];

    /// <summary>Answers, one result an input, as they come.</summary>
    /// <exception cref="UsageException">The request lacks something; the message says what to type.</exception>
    public abstract IEnumerable<PredictResult> Predict(PredictRequest request, IProgress<WorkProgress>? progress, CancellationToken cancellation);
}

/// <summary>How far long work has come.</summary>
/// <param name="Stage">What is being done now.</param>
/// <param name="Done">Steps done.</param>
/// <param name="Total">Steps in all; 0 where unknown.</param>
/// <param name="Detail">Figures of the moment: loss, rate.</param>
public sealed record WorkProgress(string Stage, long Done, long Total, string Detail = "");

/// <summary>A person asked for something that cannot be as asked: the message, one line, says what to type. Exit status 2.</summary>
public sealed class UsageException : Exception
{
    /// <summary>Makes one with its line.</summary>
    public UsageException(string message)
        : base(message)
    {
    }
}
