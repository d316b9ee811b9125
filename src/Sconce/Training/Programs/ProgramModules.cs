using Sconce.Nn;

namespace Sconce.Training;

/// <summary>A program's modules as one, for saving and loading. It owns none of them, so it is never disposed.</summary>
internal sealed class ProgramModules : Module
{
    private readonly IReadOnlyList<(string Name, Module Module)> modules;

    private ProgramModules(IReadOnlyList<(string Name, Module Module)> modules) => this.modules = modules;

    public static ProgramModules Of(IReadOnlyList<(string Name, Module Module)> modules) => new(modules);

    public override void Train(bool on = true)
    {
        base.Train(on);
        foreach (var (_, module) in modules) module.Train(on);
    }

    protected override void VisitMembers(IModuleVisitor visitor)
    {
        foreach (var (name, module) in modules)
        {
            if (name.Length == 0) module.Accept(visitor);
            else visitor.Child(name, module);
        }
    }
}
