using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Sconce.Generators;

/// <summary>Writes the schema of every record that is marked <c>[Settings]</c>: names, help, ranges and ways in and out, from its
/// properties.</summary>
[Generator]
public sealed class SettingsGenerator : IIncrementalGenerator
{
    private static readonly DiagnosticDescriptor NoHelp = new(
        "SCN201", "A setting has no help", "'{0}' has no summary: it is the help of the setting", "Sconce", DiagnosticSeverity.Error, true);

    private static readonly DiagnosticDescriptor NoSuchKind = new(
        "SCN202", "A setting's type is none that can be set",
        "'{0}' is a {1}: a setting is a switch, a number, a text, an enumeration, one of these or none, a list, or another settings record",
        "Sconce", DiagnosticSeverity.Error, true);

    private static readonly DiagnosticDescriptor NotPartial = new(
        "SCN203", "A settings record is not partial",
        "'{0}' must be a partial record (as must the types around it), so that its schema can be generated", "Sconce",
        DiagnosticSeverity.Error, true);

    private static readonly DiagnosticDescriptor NotInit = new(
        "SCN204", "A setting cannot be set by a copy", "'{0}' needs 'init': settings are records that are copied with changes", "Sconce",
        DiagnosticSeverity.Error, true);

    private static readonly DiagnosticDescriptor Twice = new(
        "SCN205", "Two settings have one name", "'{0}' and '{1}' both have the name '{2}'", "Sconce", DiagnosticSeverity.Error, true);

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var records = context.SyntaxProvider.ForAttributeWithMetadataName(
            "Sconce.Common.SettingsAttribute", static (node, _) => node is TypeDeclarationSyntax,
            static (found, _) => (INamedTypeSymbol)found.TargetSymbol);
        context.RegisterSourceOutput(records, static (output, type) => Write(output, type));
    }

    private static void Write(SourceProductionContext output, INamedTypeSymbol type)
    {
        var problems = new List<Diagnostic>();
        var declaration = (TypeDeclarationSyntax)type.DeclaringSyntaxReferences[0].GetSyntax();
        if (!type.IsRecord || !IsPartial(type)) problems.Add(Diagnostic.Create(NotPartial, type.Locations.FirstOrDefault(), type.Name));
        string help = DocSummary.Of(declaration);
        if (help.Length == 0) problems.Add(Diagnostic.Create(NoHelp, type.Locations.FirstOrDefault(), type.Name));
        var parts = new List<string>();
        var names = new Dictionary<string, string>();
        foreach (var property in Properties(type)) Add(property, type, parts, names, problems);
        foreach (var problem in problems) output.ReportDiagnostic(problem);
        if (problems.Count > 0) return;
        output.AddSource(FileName(type), SourceText.From(Text(type, help, parts), Encoding.UTF8));
    }

    /// <summary>Those of the records it derives from first.</summary>
    private static IEnumerable<IPropertySymbol> Properties(INamedTypeSymbol type)
    {
        var inherited = type.BaseType is { SpecialType: not SpecialType.System_Object } above ? Properties(above) : [];
        return inherited.Concat(type.GetMembers().OfType<IPropertySymbol>().Where(property =>
            !property.IsStatic && property.DeclaredAccessibility == Accessibility.Public && property.GetMethod is not null
            && !property.IsOverride
            && !property.IsIndexer && IsAutomatic(property)));
    }

    private static bool IsAutomatic(IPropertySymbol property) =>
        property.ContainingType.GetMembers().OfType<IFieldSymbol>()
        .Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property))
        && property.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is PropertyDeclarationSyntax);

    private static void Add(
        IPropertySymbol property, INamedTypeSymbol type, List<string> parts, Dictionary<string, string> names, List<Diagnostic> problems)
    {
        var place = property.Locations.FirstOrDefault();
        if (property.SetMethod is not { IsInitOnly: true })
        {
            problems.Add(Diagnostic.Create(NotInit, place, property.Name));
            return;
        }

        string name = Attribute(property, "NamedAttribute") is { ConstructorArguments.Length: 1 } named
            ? named.ConstructorArguments[0].Value as string ?? ""
            : char.ToLowerInvariant(property.Name[0]) + property.Name.Substring(1);
        if (names.TryGetValue(name, out string? other)) problems.Add(Diagnostic.Create(Twice, place, other, property.Name, name));
        names[name] = property.Name;
        string owner = Full(type), literal = SymbolDisplay.FormatLiteral(name, quote: true);
        string get = $"static s => s.{property.Name}", with = $"static (s, v) => s with {{ {property.Name} = v }}";
        if (SettingKind.IsGroup(property.Type))
        {
            parts.Add($"({literal}, new global::Sconce.Common.SettingGroup<{owner}, {Full(property.Type)}>({literal}, {get}, {with}))");
            return;
        }

        string help = DocSummary.Of(property.DeclaringSyntaxReferences[0].GetSyntax());
        if (help.Length == 0) problems.Add(Diagnostic.Create(NoHelp, place, property.Name));
        if (SettingKind.Of(property) is not { } kind)
        {
            problems.Add(Diagnostic.Create(NoSuchKind, place, property.Name, property.Type.ToDisplayString()));
            return;
        }

        string required = Attribute(property, "RequiredAttribute") is null ? "" : ", isRequired: true";
        parts.Add($"({literal}, new global::Sconce.Common.Setting<{owner}, {Full(property.Type)}>({literal}, "
            + $"{SymbolDisplay.FormatLiteral(help, quote: true)}, {kind}, {get}, {with}, static () => new {owner}(){required}))");
    }

    private static AttributeData? Attribute(IPropertySymbol property, string name) =>
        property.GetAttributes().FirstOrDefault(a => a.AttributeClass?.Name == name);

    private static string Text(INamedTypeSymbol type, string help, List<string> parts)
    {
        var chain = new Stack<INamedTypeSymbol>();
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType) chain.Push(outer);
        var text = new StringBuilder("// <auto-generated/>\n#nullable enable\n\n");
        if (!type.ContainingNamespace.IsGlobalNamespace) text.Append($"namespace {type.ContainingNamespace.ToDisplayString()};\n\n");
        int depth = chain.Count;
        foreach (var outer in chain)
        {
            string keyword = outer.IsRecord ? outer.TypeKind == TypeKind.Struct
                ? "record struct" : "record" : outer.TypeKind == TypeKind.Struct ? "struct" : "class";
            string contract = SymbolEqualityComparer.Default.Equals(outer, type) ? $" : global::Sconce.Common.ISettings<{Full(type)}>" : "";
            text.Append($"partial {keyword} {outer.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}{contract}\n{{\n");
        }

        string hiding = type.BaseType is { } above && SettingKind.IsGroup(above) ? "new " : "";
        text.Append("    /// <summary>What can be set, with names, help, ranges and defaults.</summary>\n");
        text.Append($"    public static {hiding}global::Sconce.Common.SettingsSchema<{Full(type)}> Schema {{ get; }} = new(\n        "
            + $"{SymbolDisplay.FormatLiteral(help, quote: true)}");
        foreach (string part in parts) text.Append(",\n        ").Append(part);
        text.Append(");\n");
        for (int k = 0; k < depth; k++) text.Append("}\n");
        return text.ToString();
    }

    private static bool IsPartial(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            bool partial = outer.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax()).OfType<TypeDeclarationSyntax>()
                .All(found => found.Modifiers.Any(SyntaxKind.PartialKeyword));
            if (!partial) return false;
        }

        return true;
    }

    private static string Full(ITypeSymbol type) => SettingKind.Full(type);

    private static string FileName(INamedTypeSymbol type) =>
        type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat).Replace("global::", "").Replace('<', '{').Replace('>', '}')
        .Replace(", ", ",") + ".Settings.g.cs";
}
