using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Export;

/// <summary>One input of an exported function.</summary>
/// <param name="Name">As the exported file has it.</param>
/// <param name="Shape">Without the batch, which comes first.</param>
/// <param name="Example">Makes inputs of the right kind for a batch: <c>(batch, Shape…)</c>.</param>
public sealed record ExportInput(string Name, IReadOnlyList<long> Shape, Func<long, Tensor> Example)
{
    /// <summary>Normally distributed numbers.</summary>
    public static ExportInput Noise(string name, params IReadOnlyList<long> shape) =>
        new(name, shape, batch => Tensor.Randn([batch, .. shape]));

    /// <summary>Whole numbers from <paramref name="least"/> to below <paramref name="below"/>, such as tokens.</summary>
    public static ExportInput Whole(string name, long least, long below, params IReadOnlyList<long> shape) =>
        new(name, shape, batch => Tensor.Randint(least, below, [batch, .. shape], DType.Int64));
}

/// <summary>What can be exported of a network: most have one function, CLIP two (pictures and words).</summary>
/// <param name="Name">Empty where there is only one; else a word for the file's name, such as <c>image</c>.</param>
/// <param name="Inputs">Its inputs.</param>
/// <param name="Outputs">Names of its results, in order.</param>
/// <param name="Run">Calls the network, which is in evaluation.</param>
public sealed record ExportFunction(string Name, IReadOnlyList<ExportInput> Inputs, IReadOnlyList<string> Outputs,
    Func<Tensor[], Tensor[]> Run)
{
    /// <summary>A network from one tensor to another.</summary>
    /// <param name="network">The network.</param>
    /// <param name="inputShape">Without the batch.</param>
    public static ExportFunction Of(Module<Tensor, Tensor> network, IReadOnlyList<long> inputShape) =>
        new("", [ExportInput.Noise("input", inputShape)], ["output"], inputs => [network.Call(inputs[0])]);

    internal Tensor[] Examples(long batch) => [.. Inputs.Select(input => input.Example(batch))];
}
