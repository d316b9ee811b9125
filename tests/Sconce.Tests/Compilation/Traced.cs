using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Tests.Compilation;

/// <summary>A function as a network without weights of its own: tensors that it uses are constants.</summary>
internal sealed class Traced(Func<Tensor, Tensor> function) : Module<Tensor, Tensor>
{
    protected override Tensor Forward(Tensor x) => function(x);
}
