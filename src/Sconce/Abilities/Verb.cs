namespace Sconce.Abilities;

/// <summary>What a person wants to do; the command's help groups verbs by it.</summary>
public enum VerbGroup
{
    /// <summary>Find out what is in pictures, clips, sounds and texts.</summary>
    Look,

    /// <summary>Make pictures, clips and sounds, or change them.</summary>
    Make,

    /// <summary>Foretell, decide and act.</summary>
    Act,

    /// <summary>Measure, search and explore data and networks.</summary>
    Measure,
}

/// <summary>A verb of the field with one meaning everywhere. The list is closed: a new verb is a decision about the whole house.</summary>
public sealed class Verb
{
    private Verb(string name, VerbGroup group, string purpose) => (Name, Group, Purpose) = (name, group, purpose);

    /// <summary>What a picture, clip, sound or text shows or says, as one of several classes.</summary>
    public static Verb Classify { get; } = new("classify", VerbGroup.Look, "Say which class an input shows, with probabilities.");

    /// <summary>A column of a table, from the others: the field's own word, whether numbers or classes are answered.</summary>
    public static Verb Predict { get; } = new("predict", VerbGroup.Look, "Answer the rows of a table.");

    /// <summary>Numbers that stand for an input.</summary>
    public static Verb Embed { get; } =
        new("embed", VerbGroup.Look, "Write the numbers that stand for an input, for searching, clustering, or a classifier of your own.");

    /// <summary>What is where.</summary>
    public static Verb Detect { get; } = new("detect", VerbGroup.Look, "Find objects, with a box around each.");

    /// <summary>A class for every pixel.</summary>
    public static Verb Segment { get; } = new("segment", VerbGroup.Look, "Say for every pixel what it shows.");

    /// <summary>How much of every pixel belongs to the person in front.</summary>
    public static Verb Matte { get; } = new("matte", VerbGroup.Look, "Cut people out of their background, hair included.");

    /// <summary>How far every pixel is.</summary>
    public static Verb EstimateDepth { get; } = new("estimate-depth", VerbGroup.Look, "Say for every pixel how far it is.");

    /// <summary>Objects followed from frame to frame.</summary>
    public static Verb Track { get; } = new("track", VerbGroup.Look, "Follow objects from frame to frame.");

    /// <summary>Whether a part is as it should be, and where it is not.</summary>
    public static Verb Inspect { get; } = new("inspect", VerbGroup.Look, "Say whether a part is as it should be, and where it is not.");

    /// <summary>Why a network answers as it does.</summary>
    public static Verb Explain { get; } = new("explain", VerbGroup.Look, "Show what a network looks at, and what its parts respond to.");

    /// <summary>Something new from nothing but numbers, a class or words.</summary>
    public static Verb Generate { get; } = new("generate", VerbGroup.Make, "Make something new.");

    /// <summary>The rest of something, from a part of it.</summary>
    public static Verb Complete { get; } = new("complete", VerbGroup.Make, "Make the rest of something of which a part is given.");

    /// <summary>What a network's code keeps of an input.</summary>
    public static Verb Reconstruct { get; } = new("reconstruct", VerbGroup.Make, "Take an input through a network's code and back.");

    /// <summary>A larger picture.</summary>
    public static Verb Upscale { get; } = new("upscale", VerbGroup.Make, "Make a picture larger, with detail that it may have had.");

    /// <summary>A picture of strokes.</summary>
    public static Verb Paint { get; } = new("paint", VerbGroup.Make, "Paint a photo stroke by stroke.");

    /// <summary>A picture in the manner of another.</summary>
    public static Verb Stylize { get; } = new("stylize", VerbGroup.Make, "Give a picture another's style.");

    /// <summary>A still picture that moves.</summary>
    public static Verb Animate { get; } = new("animate", VerbGroup.Make, "Make a picture move.");

    /// <summary>A clip that speaks other words.</summary>
    public static Verb Dub { get; } = new("dub", VerbGroup.Make, "Give a clip another speech, and lips that fit it.");

    /// <summary>As few numbers as it can be made of again.</summary>
    public static Verb Encode { get; } = new("encode", VerbGroup.Make, "Write a clip as few numbers, to be sent or kept.");

    /// <summary>What was encoded, made again.</summary>
    public static Verb Decode { get; } = new("decode", VerbGroup.Make, "Make a clip again of what was encoded.");

    /// <summary>What comes next.</summary>
    public static Verb Forecast { get; } = new("forecast", VerbGroup.Act, "Say what comes next.");

    /// <summary>The solution of an equation.</summary>
    public static Verb Solve { get; } = new("solve", VerbGroup.Act, "Solve an equation.");

    /// <summary>An alarm, in time.</summary>
    public static Verb Warn { get; } = new("warn", VerbGroup.Act, "Raise an alarm from what sensors say.");

    /// <summary>An agent acts in its world.</summary>
    public static Verb Play { get; } = new("play", VerbGroup.Act, "Let an agent act in its world, and show how it did.");

    /// <summary>What somebody might like.</summary>
    public static Verb Recommend { get; } = new("recommend", VerbGroup.Act, "Say what somebody might like.");

    /// <summary>How far apart things are.</summary>
    public static Verb Distance { get; } = new("distance", VerbGroup.Measure, "Say how far apart things are.");

    /// <summary>Many numbers seen from all sides.</summary>
    public static Verb Tour { get; } = new("tour", VerbGroup.Measure, "Turn a cloud of points about, to be seen from all sides.");

    /// <summary>What is like something.</summary>
    public static Verb Search { get; } = new("search", VerbGroup.Measure, "Find what is like a picture or a sentence.");

    /// <summary>What is worth a person's work.</summary>
    public static Verb Select { get; } = new("select", VerbGroup.Measure, "Choose which of many pictures to annotate next.");

    /// <summary>What a data set holds.</summary>
    public static Verb Describe { get; } =
        new("describe", VerbGroup.Measure, "Say what a data set holds and what is missing, and write it for training.");

    /// <summary>A stream watched for change.</summary>
    public static Verb Monitor { get; } = new("monitor", VerbGroup.Measure, "Learn from a stream as it goes, and say when it changes.");

    /// <summary>A smaller network.</summary>
    public static Verb Compress { get; } =
        new("compress", VerbGroup.Measure, "Make a network smaller and faster, and measure what that costs.");

    /// <summary>A search over settings.</summary>
    public static Verb Sweep { get; } = new("sweep", VerbGroup.Measure, "Try many settings, and say which is best.");

    /// <summary>All of them, in the order of the help.</summary>
    public static IReadOnlyList<Verb> All { get; } =
    [
        Classify, Predict, Embed, Detect, Segment, Matte, EstimateDepth, Track, Inspect, Explain,
        Generate, Complete, Reconstruct, Upscale, Paint, Stylize, Animate, Dub, Encode, Decode,
        Forecast, Solve, Warn, Play, Recommend,
        Distance, Tour, Search, Select, Describe, Monitor, Compress, Sweep,
    ];

    /// <summary>As it is typed: <c>estimate-depth</c>.</summary>
    public string Name { get; }

    /// <summary>What a person wants to do with it.</summary>
    public VerbGroup Group { get; }

    /// <summary>One sentence: what it gives.</summary>
    public string Purpose { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
