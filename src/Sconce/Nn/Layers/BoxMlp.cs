using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Linear layers with ReLU between; <c>(…, inputs) -> (…, outputs)</c>.</summary>
public sealed partial class BoxMlp(int inputs, int hidden, int outputs, int layers) : Module<Tensor, Tensor>
{
    /// <summary>In order.</summary>
    public ModuleList<Linear> Layers { get; } = new(Enumerable.Range(0, layers)
        .Select(k => new Linear(k == 0 ? inputs : hidden, k == layers - 1 ? outputs : hidden)));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        for (int k = 0; k < layers; k++) x = k < layers - 1 ? Layers[k].Call(x).ReluInPlace() : Layers[k].Call(x);
        return x;
    }
}
