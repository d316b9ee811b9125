using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Sconce.Generators;

/// <summary>The kind of value that a property's type and attributes say, as an expression of <c>SettingValues</c>.</summary>
internal static class SettingKind
{
    private const string Values = "global::Sconce.Common.SettingValues";

    private static readonly SymbolDisplayFormat Qualified =
        SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(
            SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>A type's name that is right wherever it stands.</summary>
    public static string Full(ITypeSymbol type) => type.ToDisplayString(Qualified);

    /// <summary>Whether the type is itself a settings record.</summary>
    public static bool IsGroup(ITypeSymbol type) =>
        type.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == "Sconce.Common.SettingsAttribute");

    /// <summary>The expression, or null where the type is none that can be set.</summary>
    public static string? Of(IPropertySymbol property) => Of(property.Type, property);

    private static string? Of(ITypeSymbol type, IPropertySymbol property)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
        {
            return Of(nullable.TypeArguments[0], property) is { } inner ? $"{Values}.Optional({inner}{Open(property)})" : null;
        }

        if (type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.Annotated })
        {
            return Of(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated), property) is { } inner
                ? $"{Values}.OptionalReference({inner}{Open(property)})" : null;
        }

        if (type is INamedTypeSymbol { Name: "IReadOnlyList", TypeArguments.Length: 1 } list)
        {
            return Of(list.TypeArguments[0], property) is { } inner ? $"{Values}.List({inner})" : null;
        }

        if (type.TypeKind == TypeKind.Enum) return Choice((INamedTypeSymbol)type);
        return type.SpecialType switch
        {
            SpecialType.System_Boolean => $"{Values}.Switch",
            SpecialType.System_Int32 => Whole(property, "int"),
            SpecialType.System_Int64 => Whole(property, "long"),
            SpecialType.System_UInt64 => Whole(property, "ulong"),
            SpecialType.System_Double => Real(property),
            SpecialType.System_String => property.GetAttributes().Any(a => a.AttributeClass?.Name == "FilePathAttribute")
                ? $"{Values}.File" : $"{Values}.Words",
            _ => type.AllInterfaces.Any(known => known.Name == "ISettingValue") ? $"{Values}.Of<{Full(type)}>()" : null,
        };
    }

    private static string Open(IPropertySymbol property) =>
        property.GetAttributes().Any(a => a.AttributeClass?.Name == "LeftOpenAttribute") ? ", isOpen: true" : "";

    private static string Whole(IPropertySymbol property, string type)
    {
        var (least, most, _, _) = Bounds(property);
        return $"{Values}.Whole<{type}>({Bound(least, $"{type}.MinValue")}, {Bound(most, $"{type}.MaxValue")})";
    }

    private static string Bound(double bound, string unbounded) =>
        double.IsInfinity(bound) ? unbounded : ((decimal)bound).ToString("0", CultureInfo.InvariantCulture);

    private static string Real(IPropertySymbol property)
    {
        var (least, most, above, below) = Bounds(property);
        return $"{Values}.Real({Number(least)}, {Number(most)}, {(above ? "true" : "false")}, {(below ? "true" : "false")})";
    }

    private static string Number(double bound) =>
        double.IsPositiveInfinity(bound) ? "double.PositiveInfinity"
        : double.IsNegativeInfinity(bound) ? "double.NegativeInfinity"
        : bound.ToString("R", CultureInfo.InvariantCulture) + "d";

    private static (double Least, double Most, bool Above, bool Below) Bounds(IPropertySymbol property)
    {
        var within = property.GetAttributes().FirstOrDefault(a => a.AttributeClass?.Name == "WithinAttribute");
        if (within is null) return (double.NegativeInfinity, double.PositiveInfinity, false, false);
        double At(int k) => Convert.ToDouble(within.ConstructorArguments[k].Value, CultureInfo.InvariantCulture);
        bool Is(string name) => within.NamedArguments.Any(argument => argument.Key == name && argument.Value.Value is true);
        return (At(0), At(1), Is("Above"), Is("Below"));
    }

    private static string Choice(INamedTypeSymbol type)
    {
        string full = Full(type);
        var members = type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue);
        var choices = members.Select(field => $"({SymbolDisplay.FormatLiteral(Kebab(field.Name), quote: true)}, {full}.{field.Name})");
        return $"{Values}.Choice<{full}>({string.Join(", ", choices)})";
    }

    /// <summary><c>ShortSide</c> -> <c>short-side</c>.</summary>
    private static string Kebab(string pascal)
    {
        var text = new StringBuilder();
        for (int k = 0; k < pascal.Length; k++)
        {
            if (char.IsUpper(pascal[k]) && k > 0 && (char.IsLower(pascal[k - 1]) || (k + 1 < pascal.Length && char.IsLower(pascal[k + 1]))))
                text.Append('-');
            text.Append(char.ToLowerInvariant(pascal[k]));
        }

        return text.ToString();
    }
}
