using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Sconce.Nn;

/// <summary>
/// Says that the generator saw this assembly: every module class in it shows its members, or did not compile. The generator adds it.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class ModulesTraversedAttribute : Attribute;

/// <summary>A module that belongs to somebody else, and is held beside: it is neither trained, saved nor freed here.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class BorrowedAttribute : Attribute;

/// <summary>
/// Refuses module classes of projects without the generator that hold parameters or modules and do not show them: they would be trained
/// without a word and without effect. Where the generator was, nothing is looked at.
/// </summary>
internal static class TraversedClasses
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private static readonly ConcurrentDictionary<Type, string?> Faults = new();

    internal static void Verify(Type module)
    {
        if (Faults.GetOrAdd(module, FaultOf) is { } fault) throw new InvalidOperationException(fault);
    }

    // Each class of the chain shows the members that it declares.
    private static string? FaultOf(Type module)
    {
        for (var type = module; type is not null && type != typeof(Module); type = type.BaseType)
        {
            if (type.Assembly.IsDefined(typeof(ModulesTraversedAttribute), inherit: false)) continue;
            if (HiddenMember(type) is not { } member) continue;
            return $"the module class {type.Name} holds '{member}', which nothing would train or save: "
                + $"{type.Assembly.GetName().Name} was built without Sconce's generator. Reference Sconce.Generators there as an analyzer "
                + "(<ProjectReference … OutputItemType=\"Analyzer\" ReferenceOutputAssembly=\"false\" />), "
                + "or override VisitMembers by hand.";
        }

        return null;
    }

    [UnconditionalSuppressMessage(
        "Trimming", "IL2070", Justification = "A field that trimming removed is used by nobody, so it hides nothing.")]
    private static string? HiddenMember(Type type)
    {
        if (type.GetMethod("VisitMembers", Declared) is not null) return null;
        var hidden = Array.Find(
            type.GetFields(Declared), field => Holds(field.FieldType) && !field.IsDefined(typeof(BorrowedAttribute), inherit: false));
        return hidden?.Name.Split('<', '>') is [_, { Length: > 0 } property, _] ? property : hidden?.Name;
    }

    private static bool Holds(Type type) =>
        typeof(Module).IsAssignableFrom(type) || type == typeof(Parameter) || type == typeof(Buffer)
        || (type.IsArray && Holds(type.GetElementType()!))
        || (type.IsGenericType && !typeof(Delegate).IsAssignableFrom(type) && type.GetGenericArguments().Any(Holds));
}
