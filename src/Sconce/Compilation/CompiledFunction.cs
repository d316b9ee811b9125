using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Compilation;

/// <summary>
/// A part of a network that reads and answers several tensors, compiled for inputs of one size each. Inside, they lie side by side in rows,
/// one an item of the batch, which costs a copy of each. Several threads may call it; it owns its weights.
/// </summary>
public sealed class CompiledFunction : IDisposable
{
    private readonly CompiledModule compiled;
    private readonly long[][] inputs, outputs;

    private CompiledFunction(CompiledModule compiled, long[][] inputs, long[][] outputs) =>
        (this.compiled, this.inputs, this.outputs) = (compiled, inputs, outputs);

    /// <summary>Whose operators it runs, and why not better ones.</summary>
    public CompiledForm Form => compiled.Form;

    /// <summary>The largest difference from the eager network, in units of the rms of all its answers together.</summary>
    public double Change => compiled.Change;

    /// <summary>Traces, freezes, optimises and checks.</summary>
    /// <param name="network">Whose weights the function reads; it is switched to evaluation.</param>
    /// <param name="function">The batch is the first dimension of all that it reads and answers.</param>
    /// <param name="examples">Inputs of the shapes wanted.</param>
    /// <exception cref="TorchException">No compiled form answers as the eager function does.</exception>
    public static CompiledFunction Of(Module network, Func<Tensor[], Tensor[]> function, params IReadOnlyList<Tensor> examples)
    {
        ArgumentNullException.ThrowIfNull(function);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        network.Eval();
        long[][] inputs = [.. examples.Select(example => example.Shape.ToArray())];
        long[][] outputs = [.. function([.. examples]).Select(answer => answer.Shape.ToArray())];
        // Not disposed: the network in it is the caller's.
        var rows = new RowFunction(network, function, inputs);
        return new CompiledFunction(rows.Compile(Rows(examples)), inputs, outputs);
    }

    /// <summary>Whether it was compiled for an input of this shape.</summary>
    public bool Fits(ReadOnlySpan<long> shape) => shape.SequenceEqual(inputs[0]);

    /// <summary>Answers for inputs of the examples' shapes; off the tape, in the scope around.</summary>
    /// <exception cref="TorchException">Another shape.</exception>
    public Tensor[] Call(params IReadOnlyList<Tensor> given)
    {
        using var scope = new TensorScope();
        var rows = compiled.Call(Rows(given));
        var answers = new Tensor[outputs.Length];
        long first = 0;
        for (int k = 0; k < answers.Length; k++)
        {
            long width = RowFunction.Width(outputs[k]);
            answers[k] = rows.Narrow(1, first, width).Reshape(outputs[k]);
            first += width;
        }

        return scope.Keep(answers);
    }

    /// <inheritdoc/>
    public void Dispose() => compiled.Dispose();

    private static Tensor Rows(IReadOnlyList<Tensor> inputs) =>
        inputs.Count == 1 ? inputs[0] : Tensor.Cat([.. inputs.Select(input => input.Flatten(1))], 1);
}

/// <summary>A function of several tensors as one of rows: <c>(N, inputs) -> (N, outputs)</c>. Its only input, if it is one, comes as it
/// is.</summary>
internal sealed partial class RowFunction(Module network, Func<Tensor[], Tensor[]> function, long[][] shapes) : Module<Tensor, Tensor>
{
    Module Network { get; } = network;

    internal static long Width(ReadOnlySpan<long> shape)
    {
        long width = 1;
        foreach (long size in shape[1..]) width *= size;
        return width;
    }

    protected override Tensor Forward(Tensor rows)
    {
        var inputs = new Tensor[shapes.Length];
        long first = 0;
        for (int k = 0; k < shapes.Length; k++)
        {
            long width = Width(shapes[k]);
            inputs[k] = shapes.Length == 1 ? rows : rows.Narrow(1, first, width).Reshape([rows.Size(0), .. shapes[k][1..]]);
            first += width;
        }

        return Tensor.Cat([.. function(inputs).Select(answer => answer.Flatten(1))], 1);
    }
}
