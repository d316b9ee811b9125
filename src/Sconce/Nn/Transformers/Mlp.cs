using Sconce.Torch;

namespace Sconce.Nn.Transformers;

/// <summary>Two linear layers, gelu between them: <c>(…, inputs) -> (…, outputs)</c>; 2010.11929 §3.1.</summary>
/// <param name="inputs">Width of the tokens.</param>
/// <param name="hidden">Width between.</param>
/// <param name="outputs">Width of the result; the inputs' where left out.</param>
/// <param name="bias">Whether both layers have one.</param>
/// <param name="dropout">After the gelu and after the second layer.</param>
/// <param name="gelu">The PyTorch weights want the exact form, Google's own code runs the tanh form.</param>
public sealed partial class Mlp(int inputs, int hidden, int? outputs = null, bool bias = true, double dropout = 0,
    GeluForm gelu = GeluForm.Exact) : Module<Tensor, Tensor>
{
    /// <summary>Widens.</summary>
    public Linear Fc1 { get; } = new(inputs, hidden, bias);

    /// <summary>Narrows.</summary>
    public Linear Fc2 { get; } = new(hidden, outputs ?? inputs, bias);

    private Dropout Drop { get; } = new(dropout);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var wide = Fc1.Call(x);
        var active = Functional.Gelu(wide, gelu);
        wide.Dispose();
        return Drop.Call(Fc2.Call(Drop.Call(active)));
    }
}
