namespace Sconce.Catalogue;

/// <summary>What a system is for; the catalogue groups by it.</summary>
public enum SystemTask
{
    /// <summary>One label a picture.</summary>
    Classification,

    /// <summary>Frames in time.</summary>
    Video,

    /// <summary>Boxes, masks or tracks.</summary>
    Detection,

    /// <summary>A label or number for every pixel.</summary>
    DensePrediction,

    /// <summary>Pictures made anew.</summary>
    Generation,

    /// <summary>Pictures and words together.</summary>
    Multimodal,

    /// <summary>Representations without labels.</summary>
    SelfSupervision,

    /// <summary>How networks are trained.</summary>
    Training,

    /// <summary>Physics, medicine, earth.</summary>
    Science,

    /// <summary>Acting in the world.</summary>
    Control,

    /// <summary>Looking into networks.</summary>
    Analysis,

    /// <summary>Graphs and surfaces.</summary>
    Geometry,

    /// <summary>What engineers use beside networks.</summary>
    Tools,
}

/// <summary>Where a system comes from.</summary>
/// <param name="Title">The paper's title.</param>
/// <param name="Authors">Its authors, as it is cited.</param>
/// <param name="Year">When.</param>
/// <param name="ArXiv">Its number there, such as <c>2102.06171</c>; empty where it is not.</param>
/// <param name="Repository">The official code, <c>owner/name@commit</c>; empty where there is none.</param>
public sealed record Paper(string Title, string Authors, int Year, string ArXiv = "", string Repository = "");

/// <summary>A system's entry in the catalogue. Reading it loads no libtorch.</summary>
/// <param name="Name">Its name on the command line: <c>nfnets</c>.</param>
/// <param name="Title">Its name in the paper: <c>NFNets</c>.</param>
/// <param name="Newsletter">The newsletter's week: <c>2021-W07</c>.</param>
/// <param name="Task">What it is for.</param>
/// <param name="Paper">Where it comes from.</param>
/// <param name="Summary">One sentence: what it is and why one would want it.</param>
public sealed record SystemCard(string Name, string Title, string Newsletter, SystemTask Task, Paper Paper, string Summary);
