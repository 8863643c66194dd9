// SPDX-License-Identifier: Apache-2.0
// A Jenkinsfile as Groovy reads it: each section, directive and step of the declarative syntax that it uses has its place and its
// words; any other is an error. Prints what a job would do: `sh LINE`, `keep PATTERN`.

class Block {
	private final String name
	private final Map known

	Block(String name, Map known) {
		this.name = name
		this.known = known
	}

	void setProperty(String word, Object value) {
		if (!known.containsKey('=')) {
			throw new IllegalStateException("$name has no $word =")
		}
		println "env $word=$value"
	}

	Object getProperty(String word) {
		if (word != 'WORKSPACE') {
			throw new IllegalStateException("$name knows no $word")
		}
		return '/workspace'
	}

	Object invokeMethod(String word, Object given) {
		def arguments = given as List
		def kind = known[word]
		if (kind == null) {
			throw new IllegalStateException("$name has no $word")
		}
		if (kind instanceof Map) {
			enter("$name/$word", kind, arguments)
		} else {
			step(word, kind as List, arguments)
		}
		return null
	}

	static void enter(String path, Map kind, List arguments) {
		def body = arguments.last()
		if (!(body instanceof Closure) || arguments.size() != (kind.containsKey('name') ? 2 : 1)) {
			throw new IllegalStateException("$path is written otherwise")
		}
		body.delegate = new Block(path, kind)
		body.resolveStrategy = Closure.DELEGATE_ONLY
		body()
	}

	void step(String word, List names, List arguments) {
		def values = arguments.size() == 1 ? arguments[0] : null
		def named = values instanceof Map ? values : [(names[0]): values]
		if (values == null || !names.containsAll(named.keySet())) {
			throw new IllegalStateException("$name: $word takes $names, not $arguments")
		}
		println "$word " + named.collect { key, value -> "$key=$value" }.join(' ')
	}
}

def syntax = [pipeline: [
	agent: [dockerfile: [dir: ['path'], filename: ['path']]],
	options: [timeout: ['time', 'unit']],
	environment: ['=': true],
	stages: [stage: [name: true, steps: [sh: ['script']]]],
	post: [always: [junit: ['testResults', 'allowEmptyResults'], archiveArtifacts: ['artifacts', 'allowEmptyArchive']]],
]]
def shell = new GroovyShell()
def script = shell.parse(new File(args[0]))
script.metaClass.methodMissing = { String word, given -> new Block('file', syntax).invokeMethod(word, given) }
script.run()
