using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Sconce.Generators;

/// <summary>
/// Writes the traversal of every partial module class: its get-only properties of type <c>Parameter</c>, <c>Buffer</c> and
/// <c>Module</c>, under the keys that the official checkpoints use.
/// </summary>
[Generator]
public sealed class ModuleGenerator : IIncrementalGenerator
{
    private static readonly DiagnosticDescriptor DuplicateKey = new(
        "SCN101", "Two members have one key", "'{0}' and '{1}' both have the key '{2}': a checkpoint could fill only one", "Sconce", DiagnosticSeverity.Error, true);

    private static readonly DiagnosticDescriptor Settable = new(
        "SCN102", "A module's member can be set", "'{0}' has a setter: a module's parameters, buffers and children are get-only, so that what is traversed is what is used", "Sconce", DiagnosticSeverity.Error, true);

    private static readonly DiagnosticDescriptor NotPartial = new(
        "SCN103", "A module is not partial", "'{0}' has parameters or children and must be partial (as must the types around it), so that their keys can be generated", "Sconce", DiagnosticSeverity.Error, true);

    private static readonly DiagnosticDescriptor DottedKey = new(
        "SCN104", "A key is empty", "'{0}' has an empty key", "Sconce", DiagnosticSeverity.Error, true);

    private static readonly SymbolDisplayFormat Qualified = SymbolDisplayFormat.FullyQualifiedFormat;

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var classes = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => node is ClassDeclarationSyntax { BaseList: not null },
            static (found, _) => Read(found)).Where(static found => found is not null);
        context.RegisterSourceOutput(classes, static (output, module) => Write(output, module!));
    }

    private static ModuleClass? Read(GeneratorSyntaxContext context)
    {
        var syntax = (ClassDeclarationSyntax)context.Node;
        if (context.SemanticModel.GetDeclaredSymbol(syntax) is not INamedTypeSymbol type || !DerivesFrom(type.BaseType, "Module")) return null;

        // One output a class: from the first of its declarations.
        if (type.DeclaringSyntaxReferences.Length > 1 && type.DeclaringSyntaxReferences[0].Span != syntax.Span) return null;
        var members = new List<ModuleMember>();
        var problems = new List<Diagnostic>();
        var keys = new Dictionary<string, string>();
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
        {
            if (property.IsStatic || !IsAutomatic(property) || KindOf(property.Type) is not { } kind) continue;
            var location = property.Locations.FirstOrDefault();
            if (property.SetMethod is not null)
            {
                problems.Add(Diagnostic.Create(Settable, location, property.Name));
                continue;
            }

            string key = KeyOf(property) ?? Naming.Snake(property.Name);
            if (key.Length == 0) problems.Add(Diagnostic.Create(DottedKey, location, property.Name));
            if (keys.TryGetValue(key, out string? other)) problems.Add(Diagnostic.Create(DuplicateKey, location, other, property.Name, key));
            keys[key] = property.Name;
            members.Add(new ModuleMember(property.Name, key, kind, property.GetAttributes().Any(a => a.AttributeClass?.Name == "NotSavedAttribute")));
        }

        if (members.Count == 0 && problems.Count == 0) return null;
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            bool partial = outer.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax()).OfType<TypeDeclarationSyntax>()
                .All(declaration => declaration.Modifiers.Any(SyntaxKind.PartialKeyword));
            if (!partial) problems.Add(Diagnostic.Create(NotPartial, outer.Locations.FirstOrDefault(), outer.Name));
        }

        return new ModuleClass(type, members, problems);
    }

    private static bool DerivesFrom(ITypeSymbol? type, string name)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type.Name == name && type.ContainingNamespace?.ToDisplayString() == "Sconce.Nn") return true;
        }

        return false;
    }

    private static MemberKind? KindOf(ITypeSymbol type)
    {
        if (DerivesFrom(type, "Parameter")) return MemberKind.Parameter;
        if (DerivesFrom(type, "Buffer")) return MemberKind.Buffer;
        if (DerivesFrom(type, "Module")) return MemberKind.Child;

        // A child held by an interface of modules, or by a type parameter that must be one.
        if (type is ITypeParameterSymbol parameter && parameter.ConstraintTypes.Any(constraint => DerivesFrom(constraint, "Module"))) return MemberKind.Child;
        return null;
    }

    private static bool IsAutomatic(IPropertySymbol property) =>
        property.ContainingType.GetMembers().OfType<IFieldSymbol>().Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    private static string? KeyOf(IPropertySymbol property)
    {
        var attribute = property.GetAttributes().FirstOrDefault(a => a.AttributeClass?.Name == "KeyAttribute");
        return attribute is { ConstructorArguments.Length: 1 } ? attribute.ConstructorArguments[0].Value as string ?? "" : null;
    }

    private static void Write(SourceProductionContext output, ModuleClass module)
    {
        foreach (var problem in module.Problems) output.ReportDiagnostic(problem);
        if (module.Problems.Count > 0) return;
        var type = module.Type;
        var text = new StringBuilder("// <auto-generated/>\n#nullable enable\n\n");
        if (!type.ContainingNamespace.IsGlobalNamespace) text.Append($"namespace {type.ContainingNamespace.ToDisplayString()};\n\n");
        var chain = new Stack<INamedTypeSymbol>();
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType) chain.Push(outer);
        int depth = chain.Count;
        foreach (var outer in chain)
        {
            string keyword = outer.TypeKind == TypeKind.Struct ? "struct" : outer.TypeKind == TypeKind.Interface ? "interface" : outer.IsRecord ? "record" : "class";
            text.Append($"partial {keyword} {outer.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}\n{{\n");
        }

        text.Append("    /// <inheritdoc/>\n    protected override void VisitMembers(global::Sconce.Nn.IModuleVisitor visitor)\n    {\n        base.VisitMembers(visitor);\n");

        // PyTorch's order: a module's own parameters, then its buffers, then its children.
        foreach (var member in module.Members.OrderBy(member => member.Kind))
        {
            string key = SymbolDisplay.FormatLiteral(member.Key, quote: true);
            text.Append(member.Kind switch
            {
                MemberKind.Parameter => $"        visitor.Parameter({key}, {member.Property});\n",
                MemberKind.Buffer => $"        visitor.Buffer({key}, {member.Property}, {(member.NotSaved ? "false" : "true")});\n",
                _ => $"        visitor.Child({key}, {member.Property});\n",
            });
        }

        text.Append("    }\n");
        for (int k = 0; k < depth; k++) text.Append("}\n");
        string file = type.ToDisplayString(Qualified).Replace("global::", "").Replace('<', '{').Replace('>', '}').Replace(", ", ",");
        output.AddSource(file + ".Members.g.cs", SourceText.From(text.ToString(), Encoding.UTF8));
    }

    private enum MemberKind
    {
        Parameter,
        Buffer,
        Child,
    }

    private sealed class ModuleMember(string property, string key, MemberKind kind, bool notSaved)
    {
        public string Property { get; } = property;

        public string Key { get; } = key;

        public MemberKind Kind { get; } = kind;

        public bool NotSaved { get; } = notSaved;
    }

    private sealed class ModuleClass(INamedTypeSymbol type, IReadOnlyList<ModuleMember> members, IReadOnlyList<Diagnostic> problems)
    {
        public INamedTypeSymbol Type { get; } = type;

        public IReadOnlyList<ModuleMember> Members { get; } = members;

        public IReadOnlyList<Diagnostic> Problems { get; } = problems;
    }
}
