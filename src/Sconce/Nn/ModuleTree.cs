using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Walks modules without knowing them.</summary>
internal static class ModuleTree
{
    internal static MemberList Members(Module module)
    {
        var list = new MemberList();
        module.Accept(list);
        return list;
    }

    internal static void Collect(Module module, string prefix, bool includeNotSaved, List<StateEntry> entries)
    {
        var members = Members(module);
        foreach (var (key, tensor, saved) in members.Tensors)
        {
            if (saved || includeNotSaved) entries.Add(new StateEntry(prefix + key, tensor));
        }

        foreach (var (key, child) in members.Children) Collect(child, $"{prefix}{key}.", includeNotSaved, entries);
    }

    internal static IEnumerable<(string Name, Module Module)> Modules(Module module, string name = "")
    {
        yield return (name, module);
        foreach (var (key, child) in Members(module).Children)
        {
            foreach (var below in Modules(child, name.Length == 0 ? key : $"{name}.{key}")) yield return below;
        }
    }

    internal static Module Find(Module module, string name)
    {
        foreach (var (found, candidate) in Modules(module))
        {
            if (found == name) return candidate;
        }

        throw new KeyNotFoundException($"the {module.GetType().Name} has no module '{name}'; its first ones are "
            + $"{string.Join(", ", Modules(module).Skip(1).Take(12).Select(named => named.Name))} …");
    }

    /// <summary>The direct members of one module.</summary>
    internal sealed class MemberList : IModuleVisitor
    {
        internal List<(string Key, Tensor Tensor, bool Saved)> Tensors { get; } = [];

        internal List<(string Key, Module Module)> Children { get; } = [];

        public void Parameter(string key, Parameter? parameter)
        {
            if (parameter is not null) Tensors.Add((key, parameter, true));
        }

        public void Buffer(string key, Buffer? buffer, bool saved)
        {
            if (buffer is not null) Tensors.Add((key, buffer, saved));
        }

        public void Child(string key, Module? child)
        {
            if (child is not null) Children.Add((key, child));
        }
    }
}
