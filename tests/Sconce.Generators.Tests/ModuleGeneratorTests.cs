using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace Sconce.Generators.Tests;

public sealed class ModuleGeneratorTests
{
    private const string Room = """
        namespace Sconce.Nn
        {
            public interface IModuleVisitor { void Parameter(string key, Parameter? p); void Buffer(string key, Buffer? b, bool saved); void Child(string key, Module? m); }
            public class Parameter { }
            public class Buffer { }
            public class KeyAttribute(string name) : System.Attribute { public string Name => name; }
            public class NotSavedAttribute : System.Attribute { }
            public class ModulesTraversedAttribute : System.Attribute { }
            public class BorrowedAttribute : System.Attribute { }
            public sealed class ModuleList<T> : Module where T : Module { }
            public abstract class Module { protected virtual void VisitMembers(IModuleVisitor visitor) { } }
        }
        """;

    [Fact]
    public void Keys_are_snake_case_or_as_the_attribute_says_and_come_in_PyTorchs_order()
    {
        string text = Generated("""
            public sealed partial class Net : Module
            {
                public Child Conv1 { get; } = new();
                [Key("ln_1")] public Child Norm { get; } = new();
                public Parameter PosEmbed { get; } = new();
                [NotSaved] public Buffer? Mask { get; }
                public int Count { get; }
                public Parameter Computed => PosEmbed;
            }
            public sealed class Child : Module { }
            """);
        string[] visits = [.. text.Split('\n').Where(line => line.Contains("visitor.", StringComparison.Ordinal))
            .Select(line => line.Trim())];
        Assert.Equal(["visitor.Parameter(\"pos_embed\", PosEmbed);", "visitor.Buffer(\"mask\", "
            + "Mask, false);", "visitor.Child(\"conv1\", Conv1);", "visitor.Child(\"ln_1\", Norm);"], visits);
    }

    [Fact]
    public void A_generic_module_inside_another_class_is_completed_where_it_stands()
    {
        string text = Generated("public partial class Outer { public partial class Inner<T> : Module { public Parameter Weight { get; } "
            + "= new(); } }");
        Assert.Contains("partial class Outer", text, StringComparison.Ordinal);
        Assert.Contains("partial class Inner<T>", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SCN101", "public sealed partial class Net : Module { public Parameter Weight { get; } = new(); [Key(\"weight\")] public "
        + "Parameter Other { get; } = new(); }")]
    [InlineData("SCN102", "public sealed partial class Net : Module { public Parameter Weight { get; set; } = new(); }")]
    [InlineData("SCN103", "public sealed class Net : Module { public Parameter Weight { get; } = new(); }")]
    [InlineData("SCN104", "public sealed partial class Net : Module { [Key(\"\")] public Parameter Weight { get; } = new(); }")]
    [InlineData("SCN105", "public sealed partial class Net : Module { private readonly Child inner = new(); }")]
    [InlineData("SCN105", "public sealed partial class Net : Module { public Parameter Weight = new(); }")]
    [InlineData("SCN105", "public sealed partial class Net(Child inner) : Module { public object Run() => inner; }")]
    [InlineData("SCN105", "public sealed partial class Net(Child inner) : Module { private readonly System.Func<object> run = () "
        + "=> inner; }")]
    [InlineData("SCN105", "public sealed partial class Net(Child inner) : Module { public System.Func<object> Run { get; } = () "
        + "=> inner; }")]
    [InlineData("SCN105", "public partial class Net<T>(T inner) : Module where T : Child { public object Run() { return inner; } }")]
    [InlineData("SCN106", "public sealed partial class Net : Module { private readonly List<Child> layers = new(); }")]
    [InlineData("SCN106", "public sealed partial class Net : Module { public Child[] Layers { get; } = new Child[2]; }")]
    [InlineData("SCN106", "public sealed partial class Net : Module { public IReadOnlyList<Parameter> Weights { get; } = new "
        + "List<Parameter>(); }")]
    [InlineData("SCN106", "public sealed partial class Net : Module { private Dictionary<string, Child> Named { get; } = new(); }")]
    [InlineData("SCN106", "public sealed partial class Net : Module { private readonly (Child First, int Second) pair; }")]
    [InlineData("SCN106", "public sealed partial class Net : Module { private readonly List<(string, Child)> pairs = new(); }")]
    [InlineData("SCN106", "public sealed partial class Net(IReadOnlyList<Child> layers) : Module { public int Count => layers.Count; }")]
    public void A_mistake_is_an_error_at_compile_time(string code, string module) =>
        Assert.Contains(code, Run(module + Inner).Diagnostics.Select(diagnostic => diagnostic.Id));

    [Theory]
    [InlineData("public sealed partial class Net : Module { [Borrowed] private readonly Child judge = new(); }")]
    [InlineData("public sealed partial class Net : Module { [Borrowed] public Child? Judge { get; set; } }")]
    [InlineData("public sealed partial class Net : Module { public ModuleList<Child> Layers { get; } = new(); }")]
    [InlineData("public sealed partial class Net(Child inner) : Module { public Child Inner { get; } = inner; }")]
    [InlineData("public sealed partial class Net : Module { private readonly Func<Child, Child> change = x => x; private readonly "
        + "List<int> sizes = new(); }")]
    [InlineData("public sealed class Net : Module { private readonly List<Child> own = new(); protected override void "
        + "VisitMembers(IModuleVisitor visitor) { } }")]
    [InlineData("public sealed class Holder { private readonly Child child = new(); private readonly List<Child> children = new(); }")]
    public void What_is_borrowed_traversed_or_no_member_is_no_mistake(string module) => Assert.Empty(Run(module + Inner).Diagnostics);

    [Fact]
    public void An_assembly_whose_modules_were_seen_says_so() =>
        Assert.Contains(Run("public sealed class Net : Module { }").GeneratedTrees,
            tree => tree.ToString().Contains("[assembly: global::Sconce.Nn.ModulesTraversed]"));

    private const string Inner = " public class Child : Module { }";

    private static string Generated(string module)
    {
        var result = Run(module);
        Assert.Empty(result.Diagnostics);
        return string.Join('\n', result.GeneratedTrees.Select(tree => tree.ToString()));
    }

    private static GeneratorDriverRunResult Run(string module)
    {
        var compilation = CSharpCompilation.Create(
            "Tried",
            [CSharpSyntaxTree.ParseText(Room), CSharpSyntaxTree.ParseText("using System;\nusing System.Collections.Generic;\nusing "
                + "Sconce.Nn;\nusing Buffer = Sconce.Nn.Buffer;\nnamespace Tried;\n" + module)],
            [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        return CSharpGeneratorDriver.Create(new ModuleGenerator()).RunGenerators(compilation).GetRunResult();
    }
}
