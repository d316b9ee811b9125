using Sconce.Nn;

namespace Sconce.Compilation;

/// <summary>A network as it must be while it is traced: in evaluation, asking for no gradients; it is put back afterwards.</summary>
internal sealed class Still : IDisposable
{
    private readonly Module module;
    private readonly bool training;
    private readonly List<Parameter> asking;

    public Still(Module module)
    {
        this.module = module;
        training = module.Training;
        asking = [.. module.Parameters().Where(parameter => parameter.RequiresGrad)];
        module.Eval();
        foreach (var parameter in asking) parameter.RequiresGrad = false;
    }

    public void Dispose()
    {
        foreach (var parameter in asking) parameter.RequiresGrad = true;
        if (training) module.Train();
    }
}
