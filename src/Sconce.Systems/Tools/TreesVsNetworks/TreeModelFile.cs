using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Files;
using Sconce.Tables;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>The file of a <see cref="TreeModel"/>: JSON, versioned; every number is checked before anything is made of it.</summary>
internal static class TreeModelFile
{
    internal const string Format = "sconce.trees";
    internal const int Version = 1;

    internal static void Save(string path, TreeModel model) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, Content(model), TreeModelJson.Default.TreeModelContent));

    /// <summary>The file's bytes, for a checkpoint.</summary>
    internal static byte[] Bytes(TreeModel model) =>
        JsonSerializer.SerializeToUtf8Bytes(Content(model), TreeModelJson.Default.TreeModelContent);

    /// <summary>The model of such bytes.</summary>
    /// <param name="bytes">As <see cref="Bytes"/> gives them.</param>
    /// <param name="name">What errors call them.</param>
    /// <exception cref="TableException">They are damaged.</exception>
    internal static TreeModel Of(byte[] bytes, string name)
    {
        try
        {
            var content = JsonSerializer.Deserialize(bytes, TreeModelJson.Default.TreeModelContent);
            return Make(content ?? throw new InvalidDataException("it is empty"));
        }
        catch (Exception fault) when (fault is JsonException or InvalidDataException or ArgumentException or NotSupportedException)
        {
            throw new TableException(name, $"it holds no trees, or damaged ones: {fault.Message}", fault);
        }
    }

    internal static TreeModel Load(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var content = JsonSerializer.Deserialize(stream, TreeModelJson.Default.TreeModelContent)
                ?? throw new InvalidDataException("it is empty");
            return Make(content);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new TableException(path,
                Directory.Exists(path) ? "this is a folder, not a file of trees" : "there is no such file, or it may not be read", fault);
        }
        catch (Exception fault) when (
            fault is JsonException or InvalidDataException or ArgumentException or IOException or NotSupportedException)
        {
            throw new TableException(path, $"it is no file of trees, or a damaged one: {fault.Message}", fault);
        }
    }

    private static TreeModelContent Content(TreeModel model) => new(
        Format, Version, model.Ensemble.Target, model.Target, [.. model.Preparation.Columns], [.. model.Ensemble.Baseline],
        [.. model.Ensemble.Trees.Select(TreeContent.Of)]);

    private static TreeModel Make(TreeModelContent content)
    {
        Check(content.Format == Format, $"its format is '{content.Format}' instead of '{Format}'");
        Check(content.Version is >= 1 and <= Version,
            $"its version is {content.Version}; up to {Version} can be read: a newer Sconce wrote it");
        var preparation = new TablePreparation(content.Columns);
        int outputs = content.Target == TreeTarget.Classes ? content.Answers.Classes?.Count ?? 0 : 1;
        Check(Enum.IsDefined(content.Target) && (content.Target == TreeTarget.Number) == (content.Answers.Classes is null),
            "its target and its classes disagree");
        Check(content.Target != TreeTarget.TwoClasses || content.Answers.Classes!.Count == 2,
            "it has two classes and names another number");
        Check(content.Baseline.Length == outputs && content.Baseline.All(double.IsFinite) && content.Trees.Length % outputs == 0,
            "its baseline or its number of trees fits no output");
        int[] kinds = [.. preparation.Columns.Select(column => column.Codes)];
        Check(kinds.All(count => count <= FeatureBins.MostKinds), "a column has too many kinds");
        DecisionTree[] trees = [.. content.Trees.Select((tree, place) =>
            (tree ?? throw new InvalidDataException($"tree {place} is missing")).Make(kinds, place))];
        return new TreeModel(preparation, content.Answers,
            new TreeEnsemble(content.Target, [.. preparation.Columns.Select(column => column.Name)], kinds, content.Baseline, trees));
    }

    internal static void Check(bool right, string fault)
    {
        if (!right) throw new InvalidDataException(fault);
    }
}

/// <summary>What the file holds.</summary>
internal sealed record TreeModelContent(
    string Format, int Version, TreeTarget Target, TableTarget Answers, IReadOnlyList<PreparedColumn> Columns, double[] Baseline,
        TreeContent[] Trees);

/// <summary>A tree's nodes as columns.</summary>
internal sealed record TreeContent(
    int[] Feature, double[] Threshold, int[] Left, int[] Right, bool[] MissingLeft, bool[] UnseenLeft, int[] Kinds, double[] Value,
        double[] Gain, int[] Rows, int[][] KindSets)
{
    internal static TreeContent Of(DecisionTree tree) => new(
        [.. tree.Nodes.Select(node => node.Feature)],
        [.. tree.Nodes.Select(node => node.Threshold)],
        [.. tree.Nodes.Select(node => node.Left)],
        [.. tree.Nodes.Select(node => node.Right)],
        [.. tree.Nodes.Select(node => node.MissingLeft)],
        [.. tree.Nodes.Select(node => node.UnseenLeft)],
        [.. tree.Nodes.Select(node => node.Kinds)],
        [.. tree.Nodes.Select(node => node.Value)],
        [.. tree.Nodes.Select(node => node.Gain)],
        [.. tree.Nodes.Select(node => node.Rows)],
        [.. tree.KindSets.Select(set => set.Kinds.ToArray())]);

    /// <summary>Checks and makes the tree: children come after their node, so that every walk ends.</summary>
    internal DecisionTree Make(int[] kinds, int place)
    {
        int count = Feature.Length;
        int[] lengths = [Threshold.Length, Left.Length, Right.Length, MissingLeft.Length, UnseenLeft.Length, Kinds.Length, Value.Length,
            Gain.Length, Rows.Length];
        TreeModelFile.Check(count > 0 && lengths.All(length => length == count), $"tree {place} has columns of unlike lengths");
        TreeModelFile.Check(KindSets.All(set => set is not null && set.All(kind => kind is >= 0 and < FeatureBins.MostKinds)),
            $"tree {place} has a set of kinds that is none");
        var nodes = new TreeNode[count];
        for (int k = 0; k < count; k++)
        {
            bool leaf = Feature[k] == -1, inside = Feature[k] >= 0 && Feature[k] < kinds.Length;
            bool children = leaf || (inside && Left[k] > k && Left[k] < count && Right[k] > k && Right[k] < count);
            bool decides = leaf || (inside && (kinds[Feature[k]] > 0 ? Kinds[k] >= 0 && Kinds[k] < KindSets.Length : Kinds[k] == -1));
            TreeModelFile.Check(children && decides, $"node {k} of tree {place} leads nowhere");
            TreeModelFile.Check(!double.IsNaN(Threshold[k]) && double.IsFinite(Value[k]) && double.IsFinite(Gain[k]),
                $"node {k} of tree {place} holds a number that is none");
            nodes[k] = new TreeNode
            {
                Feature = Feature[k],
                Threshold = Threshold[k],
                Left = Left[k],
                Right = Right[k],
                MissingLeft = MissingLeft[k],
                UnseenLeft = UnseenLeft[k],
                Kinds = Kinds[k],
                Value = Value[k],
                Gain = Gain[k],
                Rows = Rows[k],
            };
        }

        return new DecisionTree(nodes, [.. KindSets.Select(KindSet.Of)]);
    }
}

/// <summary>Reading and writing without reflection.</summary>
[JsonSourceGenerationOptions(
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TreeModelContent))]
internal sealed partial class TreeModelJson : JsonSerializerContext;
