using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sconce.Cli.Output;

/// <summary>Every JSON document that the command writes.</summary>
[JsonSerializable(typeof(SystemJson[]))]
[JsonSerializable(typeof(SystemDetailJson))]
[JsonSerializable(typeof(ModelJson[]))]
[JsonSerializable(typeof(NetworkJson))]
[JsonSerializable(typeof(ClaimJson[]))]
[JsonSerializable(typeof(CheckpointJson))]
[JsonSerializable(typeof(TrainingJson))]
[JsonSerializable(typeof(EvalJson))]
[JsonSerializable(typeof(CompareJson))]
[JsonSerializable(typeof(RunsJson))]
[JsonSerializable(typeof(PictureDataJson))]
[JsonSerializable(typeof(RunJson))]
[JsonSerializable(typeof(ExportJson[]))]
[JsonSerializable(typeof(PullJson))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>Indented, camelCase, with letters of every language as they are.</summary>
    public static CliJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
