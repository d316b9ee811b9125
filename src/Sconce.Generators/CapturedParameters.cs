using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Sconce.Generators;

/// <summary>Parameters of a primary constructor that methods read later: the compiler keeps each in a field that no symbol shows.</summary>
internal static class CapturedParameters
{
    internal static IEnumerable<IParameterSymbol> Of(INamedTypeSymbol type, Compilation compilation)
    {
        var syntaxes = type.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax());
        var declarations = syntaxes.OfType<TypeDeclarationSyntax>().ToList();
        var list = declarations.FirstOrDefault(declaration => declaration.ParameterList is not null)?.ParameterList;
        if (list is null) return [];
        var model = compilation.GetSemanticModel(list.SyntaxTree);
        var parameters = list.Parameters.Select(parameter => model.GetDeclaredSymbol(parameter)).OfType<IParameterSymbol>().ToList();
        var bodies = declarations.SelectMany(Bodies).ToList();
        return parameters.Where(parameter => bodies.Exists(body => Reads(body, parameter, compilation)));
    }

    // Initialisers of fields and properties run inside the constructor and capture nothing, but where they are functions, which run later.
    private static IEnumerable<SyntaxNode> Bodies(TypeDeclarationSyntax declaration)
    {
        foreach (var member in declaration.Members)
        {
            switch (member)
            {
                case BaseTypeDeclarationSyntax or ConstructorDeclarationSyntax:
                    break;
                case FieldDeclarationSyntax field:
                    foreach (var variable in field.Declaration.Variables)
                    {
                        if (variable.Initializer?.Value is AnonymousFunctionExpressionSyntax later) yield return later;
                    }

                    break;
                case PropertyDeclarationSyntax property:
                    if (property.Initializer?.Value is AnonymousFunctionExpressionSyntax function) yield return function;
                    if (property.ExpressionBody is not null) yield return property.ExpressionBody;
                    if (property.AccessorList is not null) yield return property.AccessorList;
                    break;
                default:
                    yield return member;
                    break;
            }
        }
    }

    private static bool Reads(SyntaxNode body, IParameterSymbol parameter, Compilation compilation)
    {
        var names = body.DescendantNodes().OfType<IdentifierNameSyntax>().Where(name => name.Identifier.ValueText == parameter.Name);
        return names.Any(name =>
        {
            var symbol = compilation.GetSemanticModel(name.SyntaxTree).GetSymbolInfo(name).Symbol;
            return SymbolEqualityComparer.Default.Equals(symbol, parameter);
        });
    }
}
