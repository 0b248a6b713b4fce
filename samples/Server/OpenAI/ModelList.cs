namespace RecursiveMas.Server.OpenAI;

/// <summary>/v1/models: the systems, each as a model.</summary>
internal static class ModelList
{
    public static object All(SystemList systems) => new { @object = "list", data = systems.All.Select(source => Entry(source, systems)) };

    public static object One(string id, SystemList systems) => Entry(systems.Find(id), systems);

    private static object Entry(MasSystemSource source, SystemList systems) =>
        new { id = source.Name, @object = "model", created = systems.Since, owned_by = "recursivemas" };
}
