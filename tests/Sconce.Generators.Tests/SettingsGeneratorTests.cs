using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Sconce.Generators.Tests;

public sealed class SettingsGeneratorTests
{
    private const string Room = """
        namespace Sconce.Common
        {
            public class SettingsAttribute : System.Attribute { }
            public class WithinAttribute(double least, double most = double.PositiveInfinity) : System.Attribute { public bool Above { get; init; } }
        }
        """;

    [Theory]
    [InlineData("SCN201", "/// <summary>S.</summary>\n[Settings] public partial record S { public int A { get; init; } }")]
    [InlineData("SCN201", "[Settings] public partial record S { /// <summary>A.</summary>\n public int A { get; init; } }")]
    [InlineData("SCN202", "/// <summary>S.</summary>\n[Settings] public partial record S { /// <summary>A.</summary>\n public object A { "
        + "get; init; } }")]
    [InlineData("SCN203", "/// <summary>S.</summary>\n[Settings] public record S { /// <summary>A.</summary>\n public int A { "
        + "get; init; } }")]
    [InlineData("SCN203", "/// <summary>S.</summary>\n[Settings] public partial class S { /// <summary>A.</summary>\n public int A { "
        + "get; init; } }")]
    [InlineData("SCN204", "/// <summary>S.</summary>\n[Settings] public partial record S { /// <summary>A.</summary>\n public int A { "
        + "get; set; } }")]
    public void A_mistake_is_an_error_at_compile_time(string code, string record) =>
        Assert.Contains(code, Run(record).Diagnostics.Select(diagnostic => diagnostic.Id));

    [Fact]
    public void A_record_that_derives_from_another_has_the_others_settings_first()
    {
        var result = Run("""
            /// <summary>Common.</summary>
            [Settings] public partial record Base { /// <summary>Passes.</summary>
                [Within(1, Above = true)] public int Epochs { get; init; } }
            /// <summary>Own.</summary>
            [Settings] public partial record Own : Base { /// <summary>Views.</summary>
                public int Views { get; init; } }
            """);
        Assert.Empty(result.Diagnostics);
        string text = result.GeneratedTrees.Select(tree => tree.ToString())
            .Single(tree => tree.Contains("partial record Own", StringComparison.Ordinal));
        Assert.Contains("public static new ", text, StringComparison.Ordinal);
        Assert.True(text.IndexOf("\"epochs\"", StringComparison.Ordinal) < text.IndexOf("\"views\"", StringComparison.Ordinal));
    }

    private static GeneratorDriverRunResult Run(string record)
    {
        var compilation = CSharpCompilation.Create(
            "Tried",
            [CSharpSyntaxTree.ParseText(Room), CSharpSyntaxTree.ParseText("using Sconce.Common;\nnamespace Tried;\n" + record)],
            [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        return CSharpGeneratorDriver.Create(new SettingsGenerator()).RunGenerators(compilation).GetRunResult();
    }
}
